/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps under way: what is refused, what resume makes of lost, torn and foreign files, and that a
 * kill at any moment costs no finished tile. */
#include "test_map_support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static char folder[256], path[300], whole[300], journal[320];
static sevens_error err;

/* Who compresses and writes: the caller, a team with one writer, threads of the map. */
static const sevens_map_writers crews[] = {{0, 0}, {2, 1}, {0, 2}};
#define N_CREWS 3

static scenario plane_by(int crew)
{
    scenario s = plane;
    s.writers = crews[crew];
    return s;
}

/* `whole` is the map that was never interrupted. */
static void setup(void)
{
    test_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/map.h5", folder);
    snprintf(whole, sizeof whole, "%s/whole.h5", folder);
    snprintf(journal, sizeof journal, "%s.journal", path);
    ck_ok(write_map(whole, &plane, "create", ALL_TILES, &err));
}

static void teardown(void)
{
    char command[300];
    chmod(folder, 0777);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static void check_alone(void)
{
    ck_assert(!exists(journal));
    ck_assert(!exists(beside(path, ".partial")));
}

/* Continues to the end, expecting `done` tiles to be there, and compares. */
static void check_resumes(size_t done)
{
    sevens_map *map;
    bool complete;
    ck_ok(start_map(&map, path, &plane, "resume", &complete, &err));
    ck_assert(!complete);
    ck_assert_uint_eq(tiles_done(map), done);
    sevens_map_close(&map);
    ck_ok(write_map(path, &plane, "resume", ALL_TILES, &err));
    ck_same_maps(path, whole);
    check_alone();
}

static void check_refused(const scenario *s, const char *mode, sevens_status wanted,
                          const char *words)
{
    sevens_map *map;
    bool complete;
    err.message[0] = '\0';
    ck_assert_int_eq(start_map(&map, path, s, mode, &complete, &err), wanted);
    ck_assert_ptr_null(map);
    ck_assert(!complete);
    ck_contains(err.message, "map.h5");
    ck_contains(err.message, words);
}

static scenario other_scan(void)
{
    scenario s = plane;
    s.scan_id = OTHER_SCAN_ID;
    s.title = "csi: sm";
    return s;
}

/* ---- Refusals ------------------------------------------------------------------------------ */

START_TEST(finished_map_of_the_same_scan)
{
    const char *const modes[] = {"create", "resume"};
    sevens_map *map;
    bool complete;
    ck_ok(write_map(path, &plane, "create", ALL_TILES, &err));
    ck_ok(start_map(&map, path, &plane, modes[_i], &complete, &err));
    ck_assert(complete);
    ck_assert_ptr_null(map);
    ck_same_maps(path, whole);
    check_alone();
    ck_ok(start_map(&map, path, &plane, "force", &complete, &err));
    ck_assert(!complete);
    ck_assert_uint_eq(tiles_done(map), 0);
    sevens_map_close(&map);
}
END_TEST

START_TEST(unfinished_map_of_the_same_scan)
{
    ck_ok(write_map(path, &plane, "create", 5, &err));
    check_refused(&plane, "create", SEVENS_ERR_INPUT, "--resume");
    ck_contains(err.message, "--force");
    ck_assert_int_eq(unlink(journal), 0);
    check_refused(&plane, "create", SEVENS_ERR_INPUT, "--resume");
    ck_assert(!exists(journal));
    ck_assert_int_eq(unlink(path), 0);
    ck_ok(write_map(path, &plane, "create", 5, &err));
    ck_assert_int_eq(unlink(path), 0); /* the journal alone */
    check_refused(&plane, "create", SEVENS_ERR_INPUT, "--resume");
    check_resumes(5);
}
END_TEST

START_TEST(map_of_another_scan)
{
    scenario other = other_scan();
    const char *const modes[] = {"create", "resume"};
    size_t most = _i < 2 ? ALL_TILES : 5;
    ck_ok(write_map(path, &plane, "create", most, &err));
    check_refused(&other, modes[_i % 2], SEVENS_ERR_INPUT, "another scan");
    ck_contains(err.message, "csi+lar: zprime (universal)");
    ck_contains(err.message, "csi: sm");
    ck_contains(err.message, "1b4f0e985197");
    ck_contains(err.message, "60303ae22b99");
    ck_contains(err.message, "--force");
    if (_i >= 2) { /* nothing was harmed */
        check_resumes(5);
    } else {
        ck_same_maps(path, whole);
        check_alone();
    }
    ck_ok(write_map(path, &other, "force", ALL_TILES, &err));
    check_alone();
}
END_TEST

/* Both the map and the journal are somebody else's, or only a backup of the map was put there. */
START_TEST(journal_and_map_of_different_scans)
{
    scenario other = other_scan();
    char command[900];
    ck_ok(write_map(path, &plane, "create", 5, &err));
    ck_ok(write_map(beside(path, ".other"), &other, "create", ALL_TILES, &err));
    snprintf(command, sizeof command, "cp '%s.other' '%s'", path, path);
    ck_assert_int_eq(system(command), 0);
    check_refused(&plane, "resume", SEVENS_ERR_INPUT, "another scan");
    check_refused(&other, "resume", SEVENS_ERR_INPUT, "another scan");
    ck_assert_int_eq(unlink(path), 0);
    check_resumes(5);
}
END_TEST

START_TEST(foreign_files)
{
    const char *const modes[] = {"create", "resume"};
    const char *text = "limits of somebody\n";
    test_write_file(path, text, strlen(text));
    check_refused(&plane, modes[_i], SEVENS_ERR_INPUT, "not a Sevens map");
    ck_contains(err.message, "--force");
    ck_assert_int_eq(file_size(path), (off_t)strlen(text));
    check_alone();
    H5Fclose(H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    check_refused(&plane, modes[_i], SEVENS_ERR_INPUT, "not a Sevens map");
    ck_ok(write_map(path, &plane, "force", ALL_TILES, &err));
    ck_same_maps(path, whole);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkdir(path, 0777), 0);
    check_refused(&plane, "force", SEVENS_ERR_INPUT, "not a regular file");
    ck_assert_int_eq(rmdir(path), 0);
    test_write_file(journal, text, strlen(text));
    check_refused(&plane, modes[_i], SEVENS_ERR_INPUT, "not a Sevens journal");
    ck_assert_int_eq(file_size(journal), (off_t)strlen(text));
}
END_TEST

START_TEST(damaged_map_without_journal)
{
    ck_ok(write_map(path, &plane, "create", ALL_TILES, &err));
    ck_assert_int_eq(truncate(path, file_size(path) / 2), 0);
    check_refused(&plane, "create", SEVENS_ERR_INPUT, "damaged");
    check_resumes(0);
}
END_TEST

START_TEST(other_arithmetic_or_tiles)
{
    sevens_map *map;
    bool complete;
    static double value[3][MAX_TEST_POINTS];
    scenario s = plane;
    char backend[32], precision[8];
    sevens_map_started_with(path, backend, precision);
    ck_assert_str_eq(backend, "");
    ck_assert_str_eq(precision, "");
    ck_ok(write_map(path, &plane, "create", 5, &err));
    for (int without_journal = 0; without_journal < 2; without_journal++) {
        if (without_journal)
            ck_assert_int_eq(unlink(journal), 0);
        sevens_map_started_with(path, backend, precision);
        ck_assert_str_eq(backend, "openmp");
        ck_assert_str_eq(precision, "f64");
        sevens_map_header header = make_header(&plane, value);
        header.backend = "cuda";
        ck_assert_int_eq(sevens_map_resume(&map, path, &header, &complete, &err), SEVENS_ERR_INPUT);
        ck_contains(err.message, "openmp");
        ck_contains(err.message, "cuda");
        if (!without_journal) {
            s.tile[1]++;
            check_refused(&s, "resume", SEVENS_ERR_INPUT, "tiles");
        }
    }
    check_resumes(5);
}
END_TEST

static int in_child(const char *mode, size_t most)
{
    int code;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        sevens_error e;
        sevens_status status = write_map(path, &plane, mode, most, &e);
        _exit(status == SEVENS_OK ? 0 : (strstr(e.message, "another process") ? 100 : 101));
    }
    ck_assert_int_eq(waitpid(child, &code, 0), child);
    return WIFEXITED(code) ? WEXITSTATUS(code) : -1;
}

START_TEST(second_process_is_refused)
{
    const char *const modes[] = {"create", "resume", "force"};
    sevens_map *map;
    bool complete;
    sevens_map_content *content;
    ck_ok(start_map(&map, path, &plane, "create", &complete, &err));
    ck_ok(write_one_tile(map, &plane, 0, &err));
    for (size_t m = 0; m < 3; m++)
        ck_assert_int_eq(in_child(modes[m], ALL_TILES), 100);
    if (sevens_map_load(&content, path, &err) == SEVENS_OK) /* only where HDF5 does not lock */
        sevens_map_unload(&content);
    else
        ck_contains(err.message, "running scan");
    for (size_t t = 1; t < sevens_map_n_tiles(map); t++)
        ck_ok(write_one_tile(map, &plane, t, &err));
    ck_ok(finish_map(&map, &plane, &err));
    ck_same_maps(path, whole);
}
END_TEST

START_TEST(folder_that_cannot_be_written)
{
    snprintf(path, sizeof path, "%s/nowhere/map.h5", folder);
    check_refused(&plane, "create", SEVENS_ERR_IO, "No such file or directory");
    snprintf(path, sizeof path, "%s/map.h5", folder);
    ck_ok(write_map(path, &plane, "create", ALL_TILES, &err));
    ck_assert_int_eq(chmod(folder, 0555), 0);
    if (geteuid() == 0)
        return; /* root may write anywhere */
    scenario other = other_scan();
    check_refused(&other, "force", SEVENS_ERR_IO, "Permission denied");
    sevens_map *map;
    bool complete;
    ck_ok(start_map(&map, path, &plane, "create", &complete, &err));
    ck_assert(complete);
}
END_TEST

START_TEST(map_behind_a_symbolic_link)
{
    char real[300];
    snprintf(real, sizeof real, "%s/elsewhere.h5", folder);
    ck_ok(write_map(real, &plane, "create", ALL_TILES, &err));
    ck_assert_int_eq(symlink(real, path), 0);
    ck_ok(write_map(path, &plane, "force", ALL_TILES, &err));
    struct stat s;
    ck_assert_int_eq(lstat(path, &s), 0);
    ck_assert(S_ISLNK(s.st_mode));
    ck_same_maps(real, whole);
}
END_TEST

/* ---- Lost and torn files ------------------------------------------------------------------- */

START_TEST(map_lost_while_under_way)
{
    ck_ok(write_map(path, &plane, "create", 7, &err));
    off_t size = file_size(path);
    if (_i == 0)
        ck_assert_int_eq(unlink(path), 0);
    else if (_i == 1)
        ck_assert_int_eq(truncate(path, 0), 0);
    else if (_i == 2)
        ck_assert_int_eq(truncate(path, size / 2), 0);
    else
        test_write_file(path, "garbled!garbled!garbled!", 24);
    check_resumes(7);
}
END_TEST

START_TEST(journal_lost_while_under_way)
{
    ck_ok(write_map(path, &plane, "create", 7, &err));
    ck_assert_int_eq(unlink(journal), 0);
    check_resumes(7);
    sevens_map_content *map;
    ck_ok(sevens_map_load(&map, path, &err));
    size_t lines = 1;
    for (const char *c = map->history; *c; c++)
        lines += *c == '\n';
    ck_assert_uint_eq(lines, 3); /* one of each run */
    sevens_map_unload(&map);
}
END_TEST

/* The same with i16, whose offset is then known from the map only. */
START_TEST(offset_is_kept)
{
    scenario s = plane, later;
    s.precision = SEVENS_MAP_I16;
    s.chi2_offset = 90;
    later = s;
    later.chi2_offset = 91; /* the Standard Model came out a little different */
    ck_ok(write_map(whole, &s, "force", ALL_TILES, &err));
    ck_ok(write_map(path, &s, "create", 7, &err));
    if (_i == 1)
        ck_assert_int_eq(unlink(journal), 0);
    ck_ok(write_map(path, &later, "resume", ALL_TILES, &err));
    ck_same_maps(path, whole);
}
END_TEST

/* The last record torn at every length: its tile comes from the map, or is computed again. */
START_TEST(torn_record)
{
    ck_ok(write_map(path, &plane, "create", 6, &err));
    off_t before = file_size(journal);
    ck_ok(write_map(path, &plane, "resume", 1, &err));
    off_t after = file_size(journal);
    ck_assert_int_gt(after, before);
    off_t cut = before + (after - before) * _i / 7;
    ck_assert_int_eq(truncate(journal, cut), 0);
    if (_i % 2 == 0) {
        ck_assert_int_eq(unlink(path), 0);
        check_resumes(cut == after ? 7 : 6);
    } else {
        check_resumes(7);
    }
}
END_TEST

/* A bit that turned in the second tile's record: what follows is not trusted, the map has it. */
START_TEST(damaged_record)
{
    unsigned char byte;
    ck_ok(write_map(path, &plane, "create", 1, &err));
    off_t at = file_size(journal) + 300;
    ck_ok(write_map(path, &plane, "resume", 5, &err));
    FILE *stream = fopen(journal, "r+b");
    ck_assert_int_eq(fseek(stream, (long)at, SEEK_SET), 0);
    ck_assert_uint_eq(fread(&byte, 1, 1, stream), 1);
    byte ^= 1;
    ck_assert_int_eq(fseek(stream, (long)at, SEEK_SET), 0);
    ck_assert_uint_eq(fwrite(&byte, 1, 1, stream), 1);
    ck_assert_int_eq(fclose(stream), 0);
    if (_i == 0) {
        check_resumes(6);
    } else {
        ck_assert_int_eq(unlink(path), 0);
        check_resumes(1);
    }
}
END_TEST

START_TEST(torn_journal_header)
{
    ck_ok(write_map(path, &plane, "create", 4, &err));
    ck_assert_int_eq(truncate(journal, (off_t)_i * 100), 0);
    check_resumes(4);
}
END_TEST

/* Writes until a file may not grow any more, in a process of its own; HDF5 itself leaks then. The
 * message goes to folder/message. */
static sevens_status write_until_full(off_t most, int crew)
{
    int code;
    scenario s = plane_by(crew);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        sevens_map *map;
        bool complete;
        struct rlimit limit = {(rlim_t)most, RLIM_INFINITY};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        sevens_status status = start_map(&map, path, &s, "resume", &complete, &err);
        for (size_t t = 0; status == SEVENS_OK && t < sevens_map_n_tiles(map); t++)
            if (!sevens_map_tile_done(map, t))
                status = write_one_tile(map, &s, t, &err);
        if (status == SEVENS_OK)
            status = finish_map(&map, &s, &err);
        sevens_map_close(&map);
        limit.rlim_cur = RLIM_INFINITY;
        setrlimit(RLIMIT_FSIZE, &limit);
        test_write_file(beside(folder, "/message"), err.message, strlen(err.message) + 1);
        _exit((int)status);
    }
    ck_assert_int_eq(waitpid(child, &code, 0), child);
    ck_assert(WIFEXITED(code));
    FILE *stream = fopen(beside(folder, "/message"), "rb");
    err.message[fread(err.message, 1, sizeof err.message - 1, stream)] = '\0';
    fclose(stream);
    return (sevens_status)WEXITSTATUS(code);
}

/* The disk is full: a message, no crash, and the tiles before it are kept. */
START_TEST(full_disk)
{
    sevens_map *map;
    bool complete;
    ck_ok(write_map(path, &plane, "create", 3, &err));
    off_t room = file_size(path) > file_size(journal) ? file_size(path) : file_size(journal);
    ck_assert_int_eq(write_until_full(room + 600 * (1 + _i % 4), _i / 4), SEVENS_ERR_IO);
    ck_contains(err.message, "File too large");
    if (_i % 4 >= 2) /* else there was no room to begin with */
        ck_contains(err.message, "--resume");
    ck_ok(start_map(&map, path, &plane, "resume", &complete, &err));
    ck_assert_uint_ge(tiles_done(map), 3);
    sevens_map_close(&map);
    ck_ok(write_map(path, &plane, "resume", ALL_TILES, &err));
    ck_same_maps(path, whole);
    check_alone();
}
END_TEST

START_TEST(full_disk_from_the_start)
{
    ck_assert_int_eq(write_until_full(_i == 0 ? 0 : (_i == 1 ? 500 : 5000), 1), SEVENS_ERR_IO);
    ck_contains(err.message, "File too large");
    ck_assert(!exists(path));
    check_alone();
}
END_TEST

/* ---- Kills --------------------------------------------------------------------------------- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static pid_t start_writer(const char *mode, int crew)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        sevens_error e;
        scenario s = plane_by(crew);
        sevens_status status = write_map(path, &s, mode, ALL_TILES, &e);
        if (status != SEVENS_OK)
            fprintf(stderr, "writer: %s\n", e.message);
        _exit(status != SEVENS_OK);
    }
    return child;
}

/* Finished tiles that a resume finds now. */
static size_t count_done(void)
{
    sevens_map *map;
    bool complete;
    ck_ok(start_map(&map, path, &plane, "resume", &complete, &err));
    if (complete)
        return ALL_TILES;
    size_t done = tiles_done(map);
    sevens_map_close(&map);
    return done;
}

/* 50 kills at random moments; now and then the map is cut short or the journal gets a torn tail. */
START_TEST(random_kills)
{
    int code, kills = 0, finished = 0;
    double start = seconds();
    srand(2385);
    ck_assert_int_eq(waitpid(start_writer("create", _i), &code, 0) > 0 && code == 0, 1);
    double whole_run = seconds() - start;
    ck_assert_int_eq(unlink(path), 0);
    size_t done = 0;
    while (kills < 50 || finished == 0) {
        pid_t child = start_writer("resume", _i);
        struct timespec delay = {0, (long)(1e9 * whole_run * (rand() % 1000) / 900.0)};
        nanosleep(&delay, NULL);
        kill(child, SIGKILL);
        ck_assert_int_eq(waitpid(child, &code, 0), child);
        ck_assert_int_eq(WIFSIGNALED(code) ? 0 : WEXITSTATUS(code), 0);
        if (!WIFSIGNALED(code)) {
            ck_same_maps(path, whole);
            check_alone();
            ck_assert_int_eq(unlink(path), 0);
            finished++;
            done = 0;
            continue;
        }
        kills++;
        if (rand() % 4 == 0 && exists(path) && exists(journal))
            ck_assert_int_eq(truncate(path, rand() % file_size(path)), 0);
        if (rand() % 4 == 0 && exists(journal) && file_size(journal) > 0) { /* after a header */
            FILE *stream = fopen(journal, "ab");
            fwrite("\2\0\0\0torn", 1, 8, stream);
            fclose(stream);
        }
        if (rand() % 2 == 0) {
            size_t now = count_done();
            ck_assert_uint_ge(now, done);
            done = now == ALL_TILES ? 0 : now;
        }
    }
    ck_assert_int_eq(kills >= 50, 1);
}
END_TEST

/* Two tiles: a trace of a larger map costs much and shows no other call. */
static const scenario small = {
    .n_axis = 2, .n = {6, 5}, .tile = {4, 5}, .n_experiment = 1, .compress = true};

/* Runs a writer to its n-th system call and kills it there. False when it ended before; then *code
 * is its exit code. */
static bool kill_at_call(const char *mode, int n, int *code)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        sevens_error e;
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(77);
        raise(SIGSTOP);
        _exit(write_map(path, &small, mode, ALL_TILES, &e) != SEVENS_OK);
    }
    ck_assert_int_eq(waitpid(child, code, 0), child);
    if (WIFEXITED(*code))
        return false;
    for (int i = 0; i < 2 * n; i++) { /* a stop at the beginning and one at the end of each */
        ptrace(PTRACE_SYSCALL, child, NULL, NULL);
        ck_assert_int_eq(waitpid(child, code, 0), child);
        if (WIFEXITED(*code))
            return false;
    }
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, code, 0), child);
    return true;
}

/* Kills at every system call of a whole scan (create), of one that goes on from its middle (resume)
 * and of one that replaces another scan's map (force); each is then resumed to the end. */
START_TEST(kill_at_every_call)
{
    const char *const modes[] = {"create", "resume", "force"};
    scenario other = small;
    int code = 0, n = 0;
    other.scan_id = OTHER_SCAN_ID;
    ck_ok(write_map(whole, &small, "force", ALL_TILES, &err));
    for (n = 0; n < 20000; n++) {
        if (_i == 1)
            ck_ok(write_map(path, &small, "create", 1, &err));
        else if (_i == 2)
            ck_ok(write_map(path, &other, "create", 1, &err));
        if (!kill_at_call(modes[_i], n, &code))
            break;
        sevens_map *map;
        bool complete;
        sevens_status status = start_map(&map, path, &small, "resume", &complete, &err);
        if (_i == 2 && status == SEVENS_ERR_INPUT) {
            /* not begun yet: the other scan's map is whole and can go on */
            ck_contains(err.message, "another scan");
            ck_ok(write_map(path, &other, "resume", ALL_TILES, &err));
        } else {
            ck_ok(status);
            if (!complete && _i == 1)
                ck_assert_uint_ge(tiles_done(map), 1);
            sevens_map_close(&map);
            ck_ok(write_map(path, &small, "resume", ALL_TILES, &err));
            ck_same_maps(path, whole);
        }
        check_alone();
        ck_assert_int_eq(unlink(path), 0);
    }
    ck_assert(WIFEXITED(code));
    if (WEXITSTATUS(code) == 77) {
        fprintf(stderr, "kill_at_every_call: skipped, tracing is not permitted here\n");
        return;
    }
    ck_assert_int_eq(WEXITSTATUS(code), 0);
    ck_assert_int_gt(n, 50);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map_resume");
    TCase *tcase = tcase_create("map_resume");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, finished_map_of_the_same_scan, 0, 2);
    tcase_add_test(tcase, unfinished_map_of_the_same_scan);
    tcase_add_loop_test(tcase, map_of_another_scan, 0, 4);
    tcase_add_test(tcase, journal_and_map_of_different_scans);
    tcase_add_loop_test(tcase, foreign_files, 0, 2);
    tcase_add_test(tcase, damaged_map_without_journal);
    tcase_add_test(tcase, other_arithmetic_or_tiles);
    tcase_add_test(tcase, second_process_is_refused);
    tcase_add_test(tcase, folder_that_cannot_be_written);
    tcase_add_test(tcase, map_behind_a_symbolic_link);
    tcase_add_loop_test(tcase, map_lost_while_under_way, 0, 4);
    tcase_add_test(tcase, journal_lost_while_under_way);
    tcase_add_loop_test(tcase, offset_is_kept, 0, 2);
    tcase_add_loop_test(tcase, torn_record, 0, 8);
    tcase_add_loop_test(tcase, damaged_record, 0, 2);
    tcase_add_loop_test(tcase, torn_journal_header, 0, 5);
    tcase_add_loop_test(tcase, full_disk, 0, 4 * N_CREWS);
    tcase_add_loop_test(tcase, full_disk_from_the_start, 0, 3);
    tcase_add_loop_test(tcase, random_kills, 0, N_CREWS);
    tcase_add_loop_test(tcase, kill_at_every_call, 0, 3);
    suite_add_tcase(suite, tcase);
    return test_run(suite);
}
