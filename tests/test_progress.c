/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Progress: the bar on a terminal (a pseudo-terminal here), silence elsewhere, the side file. */
#define _GNU_SOURCE /* ptsname */
#include "sevens/progress.h"

#include "test_support.h"
#include <fcntl.h>
#include <jansson.h>
#include <time.h>
#include <unistd.h>

static char folder[256], path[300], side[320];

static void setup(void)
{
    test_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/csi2021-universal.h5", folder);
    snprintf(side, sizeof side, "%s.progress.json", path);
}

static void teardown(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static void wait_ms(long ms)
{
    struct timespec delay = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&delay, NULL);
}

/* What a scan of 0.7 s with 70 updates leaves on a standard error that is `fd`; text [size]. */
static void run_scan(int fd, bool quiet)
{
    int kept = dup(STDERR_FILENO);
    dup2(fd, STDERR_FILENO);
    sevens_progress *p = sevens_progress_start(path, 7e6, 0, 70, 0, quiet);
    for (size_t t = 1; t <= 70; t++) {
        wait_ms(10);
        sevens_progress_update(p, 1e5 * (double)t, t);
    }
    sevens_progress_finish(&p, "complete");
    dup2(kept, STDERR_FILENO);
    close(kept);
    ck_assert_ptr_null(p);
}

static size_t read_all(int fd, char *text, size_t size)
{
    size_t n = 0;
    ssize_t got;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (n < size - 1 && (got = read(fd, text + n, size - 1 - n)) > 0)
        n += (size_t)got;
    text[n] = '\0';
    return n;
}

START_TEST(bar_on_a_terminal)
{
    char text[8192];
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_ge(master, 0);
    ck_assert(grantpt(master) == 0 && unlockpt(master) == 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(slave, 0);
    setenv("TERM", _i == 2 ? "dumb" : "xterm", 1);
    run_scan(slave, _i == 1);
    size_t n = read_all(master, text, sizeof text);
    close(master);
    close(slave);
    if (_i > 0) {
        ck_assert_uint_eq(n, 0);
        return;
    }
    ck_contains(text, "csi2021-universal  [");
    ck_contains(text, "points/s");
    ck_contains(text, "e6 points/s");
    ck_contains(text, " left");
    ck_assert_ptr_null(strchr(text, '\033')); /* no colour */
    ck_assert_ptr_null(strchr(text, '\n'));
    size_t drawn = 0;
    for (const char *c = strchr(text, '['); c != NULL; c = strchr(c + 1, '['))
        drawn++;
    ck_assert_uint_ge(drawn, 2);
    /* at most five times a second, on a machine however slow: counted by the time it took */
    ck_assert_uint_le(drawn, 40);
    ck_assert_int_eq(text[n - 1], '\r'); /* and gone at the end */
    ck_assert_int_eq(text[n - 2], ' ');
}
END_TEST

START_TEST(no_bar_in_a_log)
{
    char log[320], text[256];
    snprintf(log, sizeof log, "%s/log", folder);
    int fd = open(log, O_RDWR | O_CREAT, 0600);
    run_scan(fd, false);
    lseek(fd, 0, SEEK_SET);
    ck_assert_uint_eq(read_all(fd, text, sizeof text), 0); /* one line a minute: none yet */
    close(fd);
}
END_TEST

static json_t *side_file(void)
{
    json_error_t error;
    json_t *o = json_load_file(side, 0, &error);
    ck_assert_msg(o != NULL, "%s: %s", side, error.text);
    return o;
}

START_TEST(side_file_while_running)
{
    sevens_progress *p = sevens_progress_start(path, 4000, 1000, 8, 2, true);
    json_t *o = side_file();
    ck_assert_str_eq(json_string_value(json_object_get(o, "state")), "running");
    ck_close(json_number_value(json_object_get(o, "points")), 1000, 0, 0);
    ck_assert(json_is_null(json_object_get(o, "seconds_left")));
    json_decref(o);
    wait_ms(500);
    sevens_progress_update(p, 2000, 4); /* too early for a second one */
    o = side_file();
    ck_close(json_number_value(json_object_get(o, "points")), 1000, 0, 0);
    json_decref(o);
    wait_ms(600);
    sevens_progress_update(p, 2000, 4);
    o = side_file();
    double per_s = json_number_value(json_object_get(o, "points_per_s"));
    ck_close(json_number_value(json_object_get(o, "points")), 2000, 0, 0);
    ck_close(json_number_value(json_object_get(o, "points_total")), 4000, 0, 0);
    ck_assert_int_eq(json_integer_value(json_object_get(o, "tiles")), 4);
    ck_assert_int_eq(json_integer_value(json_object_get(o, "tiles_total")), 8);
    /* 1000 points of this run in 1.1 s or, on a busy machine, more; those before do not count */
    ck_assert_msg(per_s > 10 && per_s <= 1000 / 1.1, "%g points/s", per_s);
    ck_close(json_number_value(json_object_get(o, "seconds_left")), 2000 / per_s, 0.06, 0);
    ck_assert_uint_eq(strlen(json_string_value(json_object_get(o, "updated"))), 20);
    json_decref(o);
    sevens_progress_finish(&p, _i == 0 ? "complete" : "interrupted");
    if (_i == 0) {
        ck_assert_int_ne(access(side, F_OK), 0);
    } else {
        o = side_file();
        ck_assert_str_eq(json_string_value(json_object_get(o, "state")), "interrupted");
        json_decref(o);
    }
    strcat(side, ".new");
    ck_assert_int_ne(access(side, F_OK), 0);
}
END_TEST

/* No map, no memory, no folder: nothing happens. */
START_TEST(without_a_side_file)
{
    sevens_progress *p = sevens_progress_start(NULL, 10, 0, 1, 0, true);
    ck_assert_ptr_nonnull(p);
    sevens_progress_update(p, 10, 1);
    sevens_progress_finish(&p, "complete");
    sevens_progress_update(NULL, 10, 1);
    sevens_progress_finish(&p, "failed");
    p = sevens_progress_start("/no/such/folder/map.h5", 10, 0, 1, 0, true);
    ck_assert_ptr_nonnull(p);
    sevens_progress_finish(&p, "failed");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress");
    TCase *tcase = tcase_create("progress");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, bar_on_a_terminal, 0, 3);
    tcase_add_test(tcase, no_bar_in_a_log);
    tcase_add_loop_test(tcase, side_file_while_running, 0, 2);
    tcase_add_test(tcase, without_a_side_file);
    suite_add_tcase(suite, tcase);
    return test_run(suite);
}
