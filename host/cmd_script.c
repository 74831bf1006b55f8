/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens plot`, `contour`, `limit`: Python scripts, called with the arguments as they are. The
 * interpreter is SEVENS_PYTHON, else the one found when the program was built. Scripts that need
 * numbers call this program back: its path is in SEVENS_PROGRAM. */
#include "cli.h"

#include "sevens/build_info.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SEVENS_PYTHON_DEFAULT
#define SEVENS_PYTHON_DEFAULT "/usr/bin/python3"
#endif

enum { MAX_MODULES = 4, EXIT_NOT_STARTED = 127 };

typedef struct script_entry {
    const char *command, *file;
    const char *needs[MAX_MODULES]; /* modules, up to a NULL; Debian packages: python3-<module> */
} script_entry;

static const script_entry scripts[] = {
    {"plot", "sevens_plot.py", {"numpy", "h5netcdf", "matplotlib"}},
    {"contour", "sevens_contour.py", {"numpy", "h5netcdf", "contourpy"}},
    {"limit", "sevens_limit.py", {"numpy", "h5netcdf", "contourpy"}},
};

static const script_entry *find_script(const char *command)
{
    size_t i = 0;

    while (strcmp(scripts[i].command, command) != 0)
        i++;
    return &scripts[i];
}

/* The folder of the scripts: SEVENS_PYTHON_DIR, beside the build folder, or installed. */
static sevens_status find_file(const char *file, char *path, size_t size, sevens_error *err)
{
    static const char *const relative[] = {"../python", "../share/sevens/python"};
    const char *chosen = getenv("SEVENS_PYTHON_DIR");
    char folder[PATH_MAX] = ".";

    if (chosen != NULL && *chosen != '\0') {
        snprintf(path, size, "%s/%s", chosen, file);
        if (access(path, R_OK) == 0)
            return SEVENS_OK;
        return sevens_fail(err, SEVENS_ERR_IO, "%s: %s (SEVENS_PYTHON_DIR says to look there)",
                           path, strerror(errno));
    }
    if (!sevens_cli_program_folder(folder, sizeof folder))
        return sevens_fail(err, SEVENS_ERR_IO,
                           "cannot tell where the program is; set "
                           "SEVENS_PYTHON_DIR to the folder of %s",
                           file);
    for (size_t i = 0; i < sizeof relative / sizeof relative[0]; i++) {
        snprintf(path, size, "%s/%s/%s", folder, relative[i], file);
        if (access(path, R_OK) == 0)
            return SEVENS_OK;
    }
    return sevens_fail(err, SEVENS_ERR_IO,
                       "%s is neither in %s/../python nor in %s/../share/sevens/python; set "
                       "SEVENS_PYTHON_DIR to its folder",
                       file, folder, folder);
}

/* Runs a program and waits; *code is its exit code, 128 + number after a signal. */
static sevens_status run_program(char *const *argv, int *code, sevens_error *err)
{
    int wait_status;

    fflush(stdout);

    pid_t child = fork();

    if (child < 0)
        return sevens_fail(err, SEVENS_ERR_IO, "cannot start %s: %s", argv[0], strerror(errno));
    if (child == 0) {
        execvp(argv[0], argv);
        _exit(EXIT_NOT_STARTED);
    }
    while (waitpid(child, &wait_status, 0) < 0)
        if (errno != EINTR)
            return sevens_fail(err, SEVENS_ERR_IO, "cannot wait for %s: %s", argv[0],
                               strerror(errno));
    *code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
    return SEVENS_OK;
}

/* The interpreter works and has the modules that the script needs. */
static sevens_status check_modules(char *python, const script_entry *script, sevens_error *err)
{
    /* exit code 2 + i: the i-th module is not there (1 is an error of Python's own) */
    static char probe[] = "import sys, importlib.util as u\n"
                          "sys.exit(next((i + 2 for i, m in enumerate(sys.argv[1:])\n"
                          "               if u.find_spec(m) is None), 0))";
    static char option[] = "-c";
    char *argv[MAX_MODULES + 4] = {python, option, probe, NULL};
    int code = 0, n = 0;

    for (; script->needs[n] != NULL; n++)
        argv[3 + n] = (char *)script->needs[n]; /* exec does not write to it */

    sevens_status status = run_program(argv, &code, err);

    if (status != SEVENS_OK || code == 0)
        return status;
    if (code == EXIT_NOT_STARTED)
        return sevens_fail(
            err, SEVENS_ERR_IO,
            "the Python interpreter '%s' cannot be run; install the package python3, "
            "or set SEVENS_PYTHON",
            python);
    if (code >= 2 && code < 2 + n)
        return sevens_fail(
            err, SEVENS_ERR_IO,
            "%s has no module %s; install the package python3-%s, or set SEVENS_PYTHON "
            "to an interpreter that has it",
            python, script->needs[code - 2], script->needs[code - 2]);
    return sevens_fail(err, SEVENS_ERR_IO,
                       "%s does not work as a Python interpreter (exit code %d)", python, code);
}

/* Tells the script where this program is; one that cannot know looks for it on PATH. */
static sevens_status set_program(sevens_error *err)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

    if (length <= 0 || (size_t)length >= sizeof path - 1)
        return SEVENS_OK;
    path[length] = '\0';
    if (setenv("SEVENS_PROGRAM", path, 1) != 0)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "SEVENS_PROGRAM: %s", strerror(errno));
    return SEVENS_OK;
}

sevens_status sevens_cmd_script(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    static char python_default[] = SEVENS_PYTHON_DEFAULT;
    sevens_status status = SEVENS_OK;
    const script_entry *script = find_script(cli->command);
    char *python = getenv("SEVENS_PYTHON"), path[PATH_MAX + 64];
    char **call = NULL;

    if (python == NULL || *python == '\0')
        python = python_default;
    SEVENS_TRY(find_file(script->file, path, sizeof path, err));
    SEVENS_TRY(check_modules(python, script, err));
    SEVENS_TRY(set_program(err));
    SEVENS_TRY_ALLOC(call = calloc((size_t)argc + 2, sizeof *call));
    call[0] = python;
    call[1] = path;
    for (int i = 1; i < argc; i++)
        call[1 + i] = argv[i];
    SEVENS_TRY(run_program(call, &cli->exit_code, err));
cleanup:
    free(call);
    return status;
}
