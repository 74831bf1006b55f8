/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program `sevens`. The only place that prints errors and exits. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <gsl/gsl_errno.h>
#include <string.h>
#include <unistd.h>

static void print_version(FILE *stream, struct argp_state *state)
{
    (void)state;
    sevens_cli_version(stream);
}

/* Standard streams that are closed (`>&-`) would give their numbers to the next files that are
 * opened, and messages would go into a map. They are opened the wrong way round, so that using one
 * still fails. */
static void occupy_closed_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

/* A result that did not reach its file or pipe is a failure. */
static sevens_status flush_results(sevens_error *err)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return sevens_fail(err, SEVENS_ERR_IO, "cannot write to standard output: %s",
                           strerror(errno));
    return SEVENS_OK;
}

int main(int argc, char **argv)
{
    sevens_cli cli = {0};
    sevens_error err = {0};

    occupy_closed_streams();
    gsl_set_error_handler_off(); /* GSL aborts by default; the library checks every return code */
    argp_err_exit_status = sevens_exit_code(SEVENS_ERR_INPUT);
    argp_program_version_hook = print_version;

    sevens_status status = sevens_cli_run(&cli, argc, argv, &err);
    sevens_error flush_err = {0};
    sevens_status flush_status = flush_results(&flush_err);

    if (status != SEVENS_OK)
        fprintf(stderr, "sevens%s%s: error: %s\n", cli.command != NULL ? " " : "",
                cli.command != NULL ? cli.command : "", err.message);
    else if (flush_status != SEVENS_OK)
        fprintf(stderr, "sevens: error: %s\n", flush_err.message);
    if (status == SEVENS_OK)
        status = flush_status;

    int code = status == SEVENS_OK ? cli.exit_code : sevens_exit_code(status);

    sevens_cli_free(&cli);
    return code;
}
