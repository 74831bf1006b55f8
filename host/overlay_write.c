/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Curves of a limit -> overlay CSV (python/README.md). It holds no date and no version, so that the
 * same call gives the same bytes; where the numbers come from stands in its head. */
#include "overlay.h"

#include "sevens/checksum.h"
#include "sevens/text.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The text behind one of the beginnings that people copy along. */
static const char *without_prefix(const char *text, const char *const *prefix)
{
    for (; *prefix != NULL; prefix++)
        if (strncasecmp(text, *prefix, strlen(*prefix)) == 0)
            return text + strlen(*prefix);
    return text;
}

static bool is_arxiv_number(const char *text)
{
    const char *digits = "0123456789", *p = text;
    size_t n = strspn(p, digits);

    if (n == 4 && p[4] == '.') { /* 1803.05466 */
        size_t serial = strspn(p + 5, digits);

        if (serial < 4 || serial > 5)
            return false;
        p += 5 + serial;
    } else { /* hep-ph/0103257 */
        n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-.");
        if (n == 0 || p[n] != '/' || strspn(p + n + 1, digits) != 7)
            return false;
        p += n + 8;
    }
    return *p == '\0' || (*p == 'v' && p[1] != '\0' && p[1 + strspn(p + 1, digits)] == '\0');
}

sevens_status sevens_overlay_check_head(sevens_overlay_head *head, sevens_error *err)
{
    static const char *const doi[] = {"https://doi.org/", "https://dx.doi.org/",
                                      "http://dx.doi.org/", "doi:", NULL};
    static const char *const arxiv[] = {"https://arxiv.org/abs/", "arXiv:", NULL};
    double cl;

    if (head->label != NULL && head->label[strspn(head->label, " \t\r\n")] == '\0')
        return sevens_fail(err, SEVENS_ERR_INPUT, "--label: a curve needs a name");
    if (strcmp(head->cl, SEVENS_OVERLAY_NOT_STATED) != 0) {
        if (!sevens_parse_real(head->cl, false, &cl) || cl <= 0.0 || cl >= 1.0)
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "--cl: '%s' is neither between 0 and 1 (0.90 is 90 %%) nor "
                               "'" SEVENS_OVERLAY_NOT_STATED "'",
                               head->cl);
    }
    if (head->arxiv != NULL && !is_arxiv_number(head->arxiv = without_prefix(head->arxiv, arxiv)))
        return sevens_fail(err, SEVENS_ERR_INPUT,
                           "--arxiv: '%s' is no arXiv number such as 1803.05466 or hep-ph/0103257",
                           head->arxiv);
    if (head->doi == NULL || strcmp(head->doi, SEVENS_OVERLAY_NOT_STATED) == 0)
        return SEVENS_OK;
    head->doi = without_prefix(head->doi, doi);
    if (strncmp(head->doi, "10.", 3) != 0 || strchr(head->doi, '/') == NULL ||
        head->doi[strcspn(head->doi, " \t\r\n")] != '\0')
        return sevens_fail(
            err, SEVENS_ERR_INPUT,
            "--doi: '%s' is neither a DOI such as 10.1103/PhysRevLett.112.221802 nor "
            "'" SEVENS_OVERLAY_NOT_STATED "'",
            head->doi);
    return SEVENS_OK;
}

static size_t length_without_version(const char *arxiv)
{
    size_t length = strlen(arxiv), n = length;

    while (n > 0 && arxiv[n - 1] >= '0' && arxiv[n - 1] <= '9')
        n--;
    return n > 0 && arxiv[n - 1] == 'v' ? n - 1 : length;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* A line of the head. Control characters, and bytes that are not UTF-8, become '?'. */
static void put_line(FILE *csv, const char *key, const char *text, size_t length)
{
    json_t *valid = json_stringn(text, length);

    fprintf(csv, "# %s: ", key);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        fputc(c < ' ' || c == 0x7f || (valid == NULL && c >= 0x80) ? '?' : c, csv);
    }
    fputc('\n', csv);
    json_decref(valid);
}

/* The label, or the name of the file without its ending. */
static void put_name(FILE *csv, const sevens_overlay_head *head, const char *path)
{
    const char *name = head->label != NULL ? head->label : base_name(path);
    const char *dot = head->label != NULL ? NULL : strrchr(name, '.');

    put_line(csv, "name", name, dot != NULL && dot > name ? (size_t)(dot - name) : strlen(name));
}

static sevens_status put_source(FILE *csv, const char *path, sevens_error *err)
{
    char sha256[SEVENS_SHA256_HEX];
    sevens_status status = sevens_sha256_file(path, sha256, err);

    if (status != SEVENS_OK)
        return status;
    put_line(csv, "source", base_name(path), strlen(base_name(path)));
    fprintf(csv, "# sha256: %s\n", sha256);
    return SEVENS_OK;
}

/* "g_zp[1] = 2 * (column 2)^0.5" */
static void put_conversion(FILE *csv, const sevens_overlay_head *head,
                           const sevens_overlay_input *input, const sevens_overlay_curves *c)
{
    const sevens_overlay_quantity *y = &head->y;
    fprintf(csv, "# x: column %zu in %s\n# y: %s[%s] = ", c->column[0], head->x_unit, y->name,
            y->unit);
    if (input->y_factor != 1.0)
        fprintf(csv, "%.15g * ", input->y_factor);
    fprintf(csv, input->y_power != 1.0 ? "(column %zu)^" : "column %zu", c->column[1]);
    if (input->y_power != 1.0)
        fprintf(csv, "%.15g", input->y_power);
    if (c->column[2] > 0)
        fprintf(csv, ", upper edge from column %zu", c->column[2]);
    fputc('\n', csv);
    if (c->n_no_limit > 0)
        fprintf(csv, "# no_limit: %zu numbers of %g or more left out\n", c->n_no_limit,
                input->no_limit);
}

sevens_status sevens_overlay_print(FILE *csv, const sevens_overlay_head *head,
                                   const sevens_overlay_input *input,
                                   const sevens_overlay_curves *c, sevens_error *err)
{
    const sevens_overlay_quantity *x = &head->x, *y = &head->y;
    const char *doi = head->doi;
    char of_arxiv[64];
    sevens_status status = SEVENS_OK;

    if (head->arxiv != NULL && (doi == NULL || strcmp(doi, SEVENS_OVERLAY_NOT_STATED) == 0)) {
        /* arXiv registers one for every preprint, without its version */
        snprintf(of_arxiv, sizeof of_arxiv, "10.48550/arXiv.%.*s",
                 (int)length_without_version(head->arxiv), head->arxiv);
        doi = of_arxiv;
    }
    put_name(csv, head, input->path);
    fprintf(csv, "# kind: %s\n# cl: %s\n", head->kind, head->cl);
    if (head->dof > 0)
        fprintf(csv, "# dof: %d\n", head->dof);
    put_line(csv, "doi", doi, strlen(doi));
    if (head->arxiv != NULL)
        fprintf(csv, "# arxiv: %s\n", head->arxiv);
    SEVENS_TRY(put_source(csv, input->path, err));
    if (input->upper_path != NULL)
        SEVENS_TRY(put_source(csv, input->upper_path, err));
    put_conversion(csv, head, input, c);
    fprintf(csv, "segment[1],%s[%s],%s[%s]\n", x->name, x->unit, y->name, y->unit);
    for (size_t i = 0; i < c->n; i++) /* 15 digits: 0.00208 GeV is 2.08 MeV */
        fprintf(csv, "%zu,%.15g,%.15g\n", c->segment[i], c->x[i], c->y[i]);
cleanup:
    return status;
}
