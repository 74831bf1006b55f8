/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every release that there is, damaged in all ways that apply to it, at least 20: each is refused
 * with file and line. The undamaged copy loads, with every choice of every option. */
#include "sevens/document.h"
#include "sevens/release.h"
#include "test_release_support.h"

#include <ctype.h>

#define RELEASES SEVENS_SOURCE_DIR "/releases"
enum { MAX_RELEASES = 200 };

static char *release[MAX_RELEASES];
static int n_release;
static sevens_error error;

/* A copy of a release, and the table in it that damage is done to. */
typedef struct patient {
    char folder[256];
    const char *name;
    char *yaml;      /* release.yaml as it was */
    char table[300]; /* name of its file */
    char *text;      /* the table as it was */
    bool by_bin;     /* a row per bin; else a spectrum or a curve */
} patient;

static sevens_status load(const patient *p)
{
    sevens_release *r;
    const sevens_status status = sevens_release_load(&r, p->folder, NULL, 0, NULL, &error);
    sevens_release_free(&r);
    return status;
}

/* ---- the table ---- */

/* A table is needed if the release cannot be loaded without it. */
static bool is_needed(const patient *p, const char *file)
{
    char path[1000], away[1020];
    snprintf(path, sizeof path, "%s/%s", p->folder, file);
    snprintf(away, sizeof away, "%s.away", path);
    ck_assert_int_eq(rename(path, away), 0);
    const bool needed = load(p) != SEVENS_OK;
    ck_assert_int_eq(rename(away, path), 0);
    return needed;
}

static bool find_table(patient *p)
{
    p->table[0] = '\0';
    DIR *dir = opendir(p->folder);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const char *dot = strrchr(entry->d_name, '.');
        const bool better = p->table[0] == '\0' || strstr(entry->d_name, "counts") != NULL;
        if (dot != NULL && strcmp(dot, ".csv") == 0 && better && is_needed(p, entry->d_name))
            snprintf(p->table, sizeof p->table, "%s", entry->d_name);
    }
    closedir(dir);
    return p->table[0] != '\0';
}

/* A table of spectra that several releases share: the copy beside release.yaml comes first. */
static bool copy_spectra(patient *p)
{
    sevens_document *doc;
    char path[1000];
    ck_assert_int_eq(sevens_document_parse(&doc, "y", p->yaml, strlen(p->yaml), &error), SEVENS_OK);
    const sevens_node *flux = sevens_node_get(sevens_document_root(doc), "flux");
    const sevens_node *spectra = sevens_node_get(flux, "spectra");
    if (spectra != NULL) {
        snprintf(p->table, sizeof p->table, "%s.csv", spectra->text);
        snprintf(path, sizeof path, "%s/fluxes/%s", RELEASES, p->table);
        char *text = test_read_file(path, NULL);
        test_write_in(p->folder, p->table, text);
        free(text);
    }
    sevens_document_free(&doc);
    return p->table[0] != '\0';
}

static void admit(patient *p, const char *name)
{
    char path[1000];
    *p = (patient){.name = name};
    test_folder(p->folder, sizeof p->folder);
    snprintf(path, sizeof path, "%s/%s", RELEASES, name);
    test_copy_folder(path, p->folder);
    snprintf(path, sizeof path, "%s/release.yaml", p->folder);
    p->yaml = test_read_file(path, NULL);
    ck_assert_msg(load(p) == SEVENS_OK, "%s: %s", name, error.message);
    if (!find_table(p) && !copy_spectra(p))
        return;
    snprintf(path, sizeof path, "%s/%s", p->folder, p->table);
    p->text = test_read_file(path, NULL);
    p->by_bin = strstr(p->text, "_lo[") != NULL;
}

static void discharge(patient *p)
{
    test_remove_folder(p->folder);
    free(p->yaml);
    free(p->text);
}

/* ---- damage to texts ---- */

/* Puts `to` in place of the first `from` behind `after` (NULL: from the start on). */
static bool replace(const patient *p, const char *file, const char *text, const char *after,
                    const char *from, const char *to)
{
    const char *start = after != NULL ? strstr(text, after) : text;
    const char *at = start != NULL ? strstr(start + (after != NULL), from) : NULL;
    if (at == NULL)
        return false;
    const size_t size = strlen(text) + strlen(to) + 1;
    char *changed = malloc(size);
    ck_assert_ptr_nonnull(changed);
    snprintf(changed, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    test_write_in(p->folder, file, changed);
    free(changed);
    return true;
}

/* The same to the value of a key: all up to a comma, a bracket or the end of the line. */
static bool set_value(const patient *p, const char *after, const char *key, const char *value)
{
    char from[200], to[300];
    const char *start = strstr(p->yaml, after);
    const char *at = start != NULL ? strstr(start, key) : NULL;
    if (at == NULL)
        return false;
    const size_t length = strlen(key) + strcspn(at + strlen(key), ",}\n");
    snprintf(from, sizeof from, "%.*s", (int)length, at);
    snprintf(to, sizeof to, "%s %s", key, value);
    return replace(p, "release.yaml", p->yaml, after, from, to);
}

static bool append(const patient *p, const char *more)
{
    char *longer = malloc(strlen(p->yaml) + strlen(more) + 1);
    ck_assert_ptr_nonnull(longer);
    sprintf(longer, "%s%s", p->yaml, more);
    test_write_in(p->folder, "release.yaml", longer);
    free(longer);
    return true;
}

/* Line i of the table that is no comment, from 0, its header; `length` without the newline. */
static const char *table_line(const patient *p, int i, size_t *length)
{
    const char *line = p->text;
    while (*line == '#' || i-- > 0) {
        line = strchr(line, '\n');
        ck_assert_ptr_nonnull(line);
        line++;
    }
    *length = strcspn(line, "\n");
    return line;
}

/* Puts another text in place of the end of a line, from `from` on. */
static bool set_line_end(const patient *p, int i, char from, const char *to)
{
    size_t length;
    const char *line = table_line(p, i, &length), *at = line + length;
    while (at > line && *at != from)
        at--;
    const size_t size = strlen(p->text) + strlen(to) + 1;
    char *changed = malloc(size);
    ck_assert_ptr_nonnull(changed);
    snprintf(changed, size, "%.*s%s%s", (int)(at - p->text), p->text, to, line + length);
    test_write_in(p->folder, p->table, changed);
    free(changed);
    return true;
}

/* ---- kinds of damage; false: it does not apply to this release ---- */

static bool truncated_table(const patient *p)
{
    char path[1000];
    if (p->text == NULL)
        return false;
    snprintf(path, sizeof path, "%s/%s", p->folder, p->table);
    test_write_file(path, p->text, strlen(p->text) - 1);
    return true;
}

static bool missing_table(const patient *p)
{
    char path[1000];
    if (p->text == NULL || !p->by_bin) /* spectra would be found in fluxes/ */
        return false;
    snprintf(path, sizeof path, "%s/%s", p->folder, p->table);
    return unlink(path) == 0;
}

static bool missing_column(const patient *p)
{
    return p->text != NULL && set_line_end(p, 1, ',', "");
}

static bool surplus_column(const patient *p)
{
    return p->text != NULL && set_line_end(p, 1, '\n', ",0");
}

static bool not_a_number(const patient *p)
{
    return p->text != NULL && set_line_end(p, 1, ',', ",1..5");
}

static bool nan_in_table(const patient *p)
{
    return p->text != NULL && set_line_end(p, 1, ',', ",nan");
}

static bool infinite_in_table(const patient *p)
{
    return p->text != NULL && set_line_end(p, 1, ',', ",1e999");
}

static bool negative_in_table(const patient *p)
{
    return p->text != NULL && set_line_end(p, 1, ',', ",-1e30");
}

static bool swapped_edges(const patient *p)
{
    size_t length, more;
    if (p->text == NULL)
        return false;
    const char *line = table_line(p, 1, &length);
    char *changed = malloc(strlen(p->text) + 100);
    ck_assert_ptr_nonnull(changed);
    if (p->by_bin) { /* lo,hi -> hi,lo */
        const size_t lo = strcspn(line, ","), hi = strcspn(line + lo + 1, ",");
        sprintf(changed, "%.*s%.*s,%.*s%s", (int)(line - p->text), p->text, (int)hi, line + lo + 1,
                (int)lo, line, line + lo + 1 + hi);
    } else { /* the first two rows, but not a jump, which may stand in any order */
        const char *next = table_line(p, 2, &more);
        sprintf(changed, "%.*s%.*s\n%.*s%s", (int)(line - p->text), p->text, (int)more, next,
                (int)length, line, next + more);
    }
    test_write_in(p->folder, p->table, changed);
    free(changed);
    return true;
}

static bool wrong_unit(const patient *p)
{
    return p->text != NULL && replace(p, p->table, p->text, NULL, "[", "[micro");
}

static bool unknown_column(const patient *p)
{
    return p->text != NULL && set_line_end(p, 0, '[', "x[1]");
}

static bool doubled_column(const patient *p)
{
    size_t length;
    char more[200];
    if (p->text == NULL)
        return false;
    const char *line = table_line(p, 0, &length);
    snprintf(more, sizeof more, ",%.*s", (int)strcspn(line, ","), line);
    return set_line_end(p, 0, '\n', more);
}

static bool no_rows(const patient *p)
{
    size_t length;
    char path[1000];
    if (p->text == NULL)
        return false;
    const char *line = table_line(p, 0, &length);
    snprintf(path, sizeof path, "%s/%s", p->folder, p->table);
    test_write_file(path, p->text, (size_t)(line - p->text) + length + 1);
    return true;
}

static bool lost_row(const patient *p)
{
    const size_t length = strlen(p->text != NULL ? p->text : "");
    char path[1000];
    if (!p->by_bin)
        return false;
    const char *end = p->text + length - 1;
    while (end[-1] != '\n')
        end--;
    snprintf(path, sizeof path, "%s/%s", p->folder, p->table);
    test_write_file(path, p->text, (size_t)(end - p->text));
    return true;
}

static bool empty_table(const patient *p)
{
    if (p->text != NULL)
        test_write_in(p->folder, p->table, "");
    return p->text != NULL;
}

static bool binary_table(const patient *p)
{
    char path[1000];
    if (p->text == NULL)
        return false;
    const size_t length = strlen(p->text);
    char *bytes = malloc(length);
    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, p->text, length);
    memcpy(bytes + length / 2, "\0\1\xFF\xFE", 4);
    snprintf(path, sizeof path, "%s/%s", p->folder, p->table);
    test_write_file(path, bytes, length);
    free(bytes);
    return true;
}

/* In place of the sum, or behind the name of the file. */
static bool wrong_sum(const patient *p)
{
    char file[340], more[500];
    const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    if (p->text == NULL || !p->by_bin)
        return false;
    snprintf(file, sizeof file, "file: %s, sha256: ", p->table);
    const char *at = strstr(p->yaml, file);
    if (at != NULL) {
        snprintf(more, sizeof more, "%.64s", at + strlen(file));
        return replace(p, "release.yaml", p->yaml, file, more, zeros);
    }
    snprintf(file, sizeof file, "{file: %s}", p->table);
    snprintf(more, sizeof more, "{file: %s, sha256: %s}", p->table, zeros);
    return replace(p, "release.yaml", p->yaml, NULL, file, more);
}

static bool malformed_sum(const patient *p)
{
    return p->text != NULL && set_value(p, "\ntables:", "file:", "x.csv, sha256: 12ab");
}

static bool wrong_file(const patient *p)
{
    return p->text != NULL && set_value(p, "\ntables:", "file:", "../counts.csv");
}

static bool other_schema(const patient *p)
{
    return set_value(p, "schema", "schema:", "2");
}

static bool unknown_key(const patient *p)
{
    return append(p, "\nnonsense: 1\n");
}

static bool doubled_key(const patient *p)
{
    return append(p, "\nname: again\n");
}

static bool missing_key(const patient *p)
{
    return replace(p, "release.yaml", p->yaml, NULL, "\ntarget:", "\nsources_too:");
}

static bool wrong_type(const patient *p)
{
    return set_value(p, "\ntarget:", "mass_kg:", "[1]");
}

static bool out_of_range(const patient *p)
{
    return set_value(p, "\ntarget:", "mass_kg:", "-1");
}

static bool nan_in_yaml(const patient *p)
{
    return set_value(p, "\nlikelihood:", "signal_sigma:", ".nan");
}

static bool unknown_flux(const patient *p)
{
    return set_value(p, "\nflux:", "kind:", "fusion");
}

static bool unknown_likelihood(const patient *p)
{
    return set_value(p, "\nlikelihood:", "kind:", "cauchy");
}

static bool unknown_nucleus(const patient *p)
{
    return set_value(p, "\ntarget:", "nucleus:", "Qq999");
}

static bool wrong_molar_mass(const patient *p)
{
    return set_value(p, "\ntarget:", "molar_mass_g_per_mol:", "3");
}

static bool unknown_flavour(const patient *p)
{
    return set_value(p, "\nflux:", "flavour:", "nu_x") ||
           (p->by_bin && replace(p, p->table, p->text, NULL, "nu_e[1]", "nu_x[1]")) ||
           replace(p, "release.yaml", p->yaml, "\nflux:", "U235", "U999");
}

static bool missing_spectra(const patient *p)
{
    return set_value(p, "\nflux:", "spectra:", "nowhere-to-be-found");
}

static bool zero_baseline(const patient *p)
{
    return set_value(p, "\nflux:", "baseline_m:", "0");
}

static bool no_bins(const patient *p)
{
    return replace(p, "release.yaml", p->yaml, NULL, "\nbins:", "\nbins: []\nbinz:");
}

static bool edges_reversed(const patient *p)
{
    return replace(p, "release.yaml", p->yaml, "\nbins:", "edges: [", "edges: [1e300, ") ||
           set_value(p, "\nbins:", "max:", "-1e6");
}

static bool wrong_background(const patient *p)
{
    return set_value(p, "\nbackgrounds:", "sigma:", "0");
}

static bool reserved_background(const patient *p)
{
    return set_value(p, "\nbackgrounds:", "{name:", "signal");
}

static bool wrong_option(const patient *p)
{
    if (strstr(p->yaml, "\noptions:") != NULL)
        return replace(p, "release.yaml", p->yaml, "\noptions:", "choices:", "choises:");
    return append(p, "\noptions: {analysis: {doc: d, choices: {}}}\n");
}

static bool wrong_default(const patient *p)
{
    if (strstr(p->yaml, "\noptions:") != NULL)
        return replace(p, "release.yaml", p->yaml, NULL,
                       "\noptions:", "\noptions:\n  zzz: {doc: d, choices: {a: {nonsense: 1}}}");
    return append(p, "\noptions: {zzz: {doc: d, choices: {a: {nonsense: 1}}}}\n");
}

static bool empty_yaml(const patient *p)
{
    test_write_in(p->folder, "release.yaml", "");
    return true;
}

static bool half_a_yaml(const patient *p)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/release.yaml", p->folder);
    test_write_file(path, p->yaml, strlen(p->yaml) / 2);
    return true;
}

static bool binary_yaml(const patient *p)
{
    return replace(p, "release.yaml", p->yaml, NULL, "\nflux:", "\n\xFF\xFE\x01:");
}

static bool tab_in_yaml(const patient *p)
{
    return replace(p, "release.yaml", p->yaml, "\ntarget:", "\n  ", "\n\t");
}

static bool bad_indentation(const patient *p)
{
    return replace(p, "release.yaml", p->yaml, "\ntarget:", "\n  ", "\n ");
}

static bool bad_syntax(const patient *p)
{
    return append(p, "\n]: [\n");
}

static const struct {
    const char *name;
    bool (*damage)(const patient *p);
} damages[] = {
#define DAMAGE(name)                                                                               \
    {                                                                                              \
#name, name                                                                                \
    }
    DAMAGE(truncated_table),
    DAMAGE(missing_table),
    DAMAGE(missing_column),
    DAMAGE(surplus_column),
    DAMAGE(not_a_number),
    DAMAGE(nan_in_table),
    DAMAGE(infinite_in_table),
    DAMAGE(negative_in_table),
    DAMAGE(swapped_edges),
    DAMAGE(wrong_unit),
    DAMAGE(unknown_column),
    DAMAGE(doubled_column),
    DAMAGE(no_rows),
    DAMAGE(lost_row),
    DAMAGE(empty_table),
    DAMAGE(binary_table),
    DAMAGE(wrong_sum),
    DAMAGE(malformed_sum),
    DAMAGE(wrong_file),
    DAMAGE(other_schema),
    DAMAGE(unknown_key),
    DAMAGE(doubled_key),
    DAMAGE(missing_key),
    DAMAGE(wrong_type),
    DAMAGE(out_of_range),
    DAMAGE(nan_in_yaml),
    DAMAGE(unknown_flux),
    DAMAGE(unknown_likelihood),
    DAMAGE(unknown_nucleus),
    DAMAGE(wrong_molar_mass),
    DAMAGE(unknown_flavour),
    DAMAGE(missing_spectra),
    DAMAGE(zero_baseline),
    DAMAGE(no_bins),
    DAMAGE(edges_reversed),
    DAMAGE(wrong_background),
    DAMAGE(reserved_background),
    DAMAGE(wrong_option),
    DAMAGE(wrong_default),
    DAMAGE(empty_yaml),
    DAMAGE(half_a_yaml),
    DAMAGE(binary_yaml),
    DAMAGE(tab_in_yaml),
    DAMAGE(bad_indentation),
    DAMAGE(bad_syntax),
#undef DAMAGE
};
enum { N_DAMAGE = sizeof damages / sizeof damages[0] };

/* FOLDER/FILE:LINE: in the message. */
static bool names_a_place(const char *folder)
{
    for (const char *p = error.message; (p = strstr(p, folder)) != NULL; p++) {
        const char *colon = strchr(p, ':');
        if (colon != NULL && isdigit((unsigned char)colon[1]) &&
            colon[1 + strspn(colon + 1, "0123456789")] == ':')
            return true;
    }
    return false;
}

START_TEST(damage)
{
    patient p;
    int applied = 0;
    admit(&p, release[_i]);
    for (size_t i = 0; i < N_DAMAGE; i++) {
        if (!damages[i].damage(&p))
            continue;
        const sevens_status status = load(&p);
        ck_assert_msg(status == SEVENS_ERR_INPUT, "%s: %s is accepted (%d)", p.name,
                      damages[i].name, status);
        ck_assert_msg(names_a_place(p.folder), "%s: %s: no file and line in: %s", p.name,
                      damages[i].name, error.message);
        applied++;
        test_write_in(p.folder, "release.yaml", p.yaml);
        if (p.text != NULL)
            test_write_in(p.folder, p.table, p.text);
        ck_assert_msg(load(&p) == SEVENS_OK, "%s after %s: %s", p.name, damages[i].name,
                      error.message);
    }
    ck_assert_msg(applied >= 20, "%s: only %d kinds of damage apply", p.name, applied);
    discharge(&p);
}
END_TEST

/* Moves on to the next combination of choices; false after the last one. */
static bool next_combination(const sevens_release_head *head, size_t *at)
{
    for (size_t o = 0; o < head->n_option; o++) {
        if (++at[o] < head->option[o].n_choice)
            return true;
        at[o] = 0;
    }
    return false;
}

/* A choice may make sense beside some choices of the other options only. */
START_TEST(every_choice)
{
    char folder[700];
    enum { MAX_CHOICES = 32 };
    bool loads[SEVENS_RELEASE_MAX_OPTIONS][MAX_CHOICES] = {{false}};
    size_t at[SEVENS_RELEASE_MAX_OPTIONS] = {0}, tried = 0;
    sevens_release_option choice[SEVENS_RELEASE_MAX_OPTIONS];
    sevens_release_head *head;
    sevens_release *r;
    snprintf(folder, sizeof folder, "%s/%s", RELEASES, release[_i]);
    ck_assert_msg(sevens_release_head_load(&head, folder, &error) == SEVENS_OK, "%s",
                  error.message);
    ck_assert_str_eq(head->name, release[_i]); /* else it is not found by its name */
    do {
        for (size_t o = 0; o < head->n_option; o++)
            choice[o] =
                (sevens_release_option){head->option[o].name, head->option[o].choice[at[o]]};
        const sevens_status status =
            sevens_release_load(&r, folder, choice, head->n_option, NULL, &error);
        sevens_release_free(&r);
        ck_assert_msg(status == SEVENS_OK || (tried > 0 && status == SEVENS_ERR_INPUT), "%s: %s",
                      folder, error.message);
        for (size_t o = 0; status == SEVENS_OK && o < head->n_option && at[o] < MAX_CHOICES; o++)
            loads[o][at[o]] = true;
        tried++;
    } while (next_combination(head, at));
    for (size_t o = 0; o < head->n_option; o++)
        for (size_t c = 0; c < head->option[o].n_choice; c++)
            ck_assert_msg(loads[o][c], "%s, %s: %s never loads", folder, head->option[o].name,
                          head->option[o].choice[c]);
    sevens_release_head_free(&head);
}
END_TEST

/* Folders with a release.yaml, in any order. */
static void list_releases(void)
{
    char path[1000];
    DIR *dir = opendir(RELEASES);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s/release.yaml", RELEASES, entry->d_name);
        if (entry->d_name[0] != '.' && access(path, R_OK) == 0 && n_release < MAX_RELEASES)
            release[n_release++] = strdup(entry->d_name);
    }
    if (dir != NULL)
        closedir(dir);
}

int main(void)
{
    Suite *suite = suite_create("release_damage");
    TCase *group = tcase_create("all");
    list_releases();
    if (n_release == 0) {
        fputs("no releases in " RELEASES "\n", stderr);
        return 1;
    }
    setenv("SEVENS_DATA", RELEASES, 1);
    tcase_set_timeout(group, 120);
    tcase_add_loop_test(group, damage, 0, n_release);
    tcase_add_loop_test(group, every_choice, 0, n_release);
    suite_add_tcase(suite, group);
    const int failed = test_run(suite);
    for (int i = 0; i < n_release; i++)
        free(release[i]);
    return failed;
}
