/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small text tools: see text.h. Numbers are checked against a grammar of their own before strtod
 * sees them, because strtod also takes hexadecimal, "nan", leading blanks and trailing text. */
#include "sevens/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Edit distances are taken over this many characters: names are shorter. */
#define LONGEST_NAME 64

static const char *skip_digits(const char *p)
{
    while (isdigit((unsigned char)*p))
        p++;
    return p;
}

/* [+-] digits [. digits] [e [+-] digits], with a digit before or after the point. */
static bool is_decimal(const char *text)
{
    const char *p = text + (*text == '+' || *text == '-');
    const char *whole = p;
    p = skip_digits(p);
    size_t digits = (size_t)(p - whole);
    if (*p == '.') {
        const char *fraction = ++p;
        p = skip_digits(p);
        digits += (size_t)(p - fraction);
    }
    if (digits == 0)
        return false;
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '+' || *p == '-';
        const char *exponent = p;
        p = skip_digits(p);
        if (p == exponent)
            return false;
    }
    return *p == '\0';
}

bool sevens_parse_real(const char *text, bool allow_infinite, double *value)
{
    if (is_decimal(text)) {
        char *end;
        double number = strtod(text, &end);
        if (*end != '\0' || !isfinite(number))
            return false;
        *value = number;
        return true;
    }
    const char *p = text + (*text == '+' || *text == '-');
    p += *p == '.'; /* YAML writes .inf */
    if (!allow_infinite || strcasecmp(p, "inf") != 0)
        return false;
    *value = *text == '-' ? -INFINITY : INFINITY;
    return true;
}

bool sevens_parse_integer(const char *text, int64_t *value)
{
    const double largest = 9007199254740992.0; /* 2^53: from here on doubles skip whole numbers */
    double number;
    if (!sevens_parse_real(text, false, &number) || number != floor(number) ||
        fabs(number) >= largest)
        return false;
    *value = (int64_t)number;
    return true;
}

bool sevens_parse_boolean(const char *text, bool *value)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return false;
    *value = text[0] == 't';
    return true;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t sevens_edit_distance(const char *a, const char *b)
{
    size_t n_a = strnlen(a, LONGEST_NAME), n_b = strnlen(b, LONGEST_NAME);
    size_t before[LONGEST_NAME + 1] = {0}, above[LONGEST_NAME + 1] = {0};
    size_t row[LONGEST_NAME + 1] = {0};
    for (size_t j = 0; j <= n_b; j++)
        above[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        row[0] = i;
        int c_a = tolower((unsigned char)a[i - 1]);
        for (size_t j = 1; j <= n_b; j++) {
            int c_b = tolower((unsigned char)b[j - 1]);
            row[j] = least(above[j - 1] + (c_a != c_b), least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && c_a == tolower((unsigned char)b[j - 2]) &&
                c_b == tolower((unsigned char)a[i - 2]))
                row[j] = least(row[j], before[j - 2] + 1); /* two letters exchanged */
        }
        memcpy(before, above, sizeof before);
        memcpy(above, row, sizeof above);
    }
    return above[n_b];
}

size_t sevens_nearest(const char *text, const char *const *names, size_t n)
{
    size_t nearest = n, distance = 0;
    for (size_t i = 0; i < n; i++) {
        size_t d = sevens_edit_distance(text, names[i]);
        if (nearest == n || d < distance) {
            nearest = i;
            distance = d;
        }
    }
    return nearest;
}

/* At most half of the letters of the longer one are wrong, or text is the beginning of the name. */
static bool is_near(const char *text, const char *name)
{
    size_t n_text = strnlen(text, LONGEST_NAME), n_name = strnlen(name, LONGEST_NAME);
    if (n_text > 1 && strncasecmp(text, name, n_text) == 0)
        return true;
    return 2 * sevens_edit_distance(text, name) <= (n_text > n_name ? n_text : n_name);
}

size_t sevens_meant(const char *text, const char *const *names, size_t n)
{
    size_t nearest = sevens_nearest(text, names, n);
    return nearest < n && is_near(text, names[nearest]) ? nearest : n;
}

const char *sevens_list_names(char *buffer, size_t size, const char *const *names, size_t n)
{
    size_t used = 0;
    snprintf(buffer, size, "%s", n == 0 ? "none" : "");
    for (size_t i = 0; i < n; i++) {
        if (used + strlen(names[i]) + sizeof ", ..." > size) {
            snprintf(buffer + used, size - used, "...");
            break;
        }
        used +=
            (size_t)snprintf(buffer + used, size - used, "%s%s", names[i], i + 1 < n ? ", " : "");
    }
    return buffer;
}

const char *sevens_suggest(char buffer[SEVENS_SUGGESTION], const char *text,
                           const char *const *names, size_t n)
{
    static const char known[] = "known: ";
    size_t meant = sevens_meant(text, names, n);
    if (meant < n) {
        snprintf(buffer, SEVENS_SUGGESTION, "did you mean '%s'?", names[meant]);
        return buffer;
    }
    memcpy(buffer, known, sizeof known);
    sevens_list_names(buffer + sizeof known - 1, SEVENS_SUGGESTION - sizeof known + 1, names, n);
    return buffer;
}

/* Copies the next of "a|b|c" to `out` and moves *choices on; false at the end. */
static bool next_choice(const char **choices, char out[LONGEST_NAME + 1])
{
    if (*choices == NULL || **choices == '\0')
        return false;
    size_t length = strcspn(*choices, "|");
    snprintf(out, LONGEST_NAME + 1, "%.*s", (int)least(length, LONGEST_NAME), *choices);
    *choices += length + ((*choices)[length] == '|');
    return true;
}

void sevens_meant_choice(const char *text, const char *choices, char *out, size_t out_size)
{
    char choice[LONGEST_NAME + 1];
    size_t distance = SIZE_MAX;
    snprintf(out, out_size, "%s", "");
    while (next_choice(&choices, choice)) {
        size_t d = sevens_edit_distance(text, choice);
        if (d < distance && is_near(text, choice)) {
            distance = d;
            snprintf(out, out_size, "%s", choice);
        }
    }
}

bool sevens_is_choice(const char *text, const char *choices, int *index)
{
    char choice[LONGEST_NAME + 1];
    for (int i = 0; next_choice(&choices, choice); i++) {
        if (strcmp(text, choice) == 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

char *sevens_strdup(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

const char *sevens_format_real(double value, int digits, char *buffer, size_t size)
{
    char rounded[320], other[320];
    snprintf(rounded, sizeof rounded, "%.*g", digits, value);
    snprintf(buffer, size, "%s", rounded);
    for (int precision = digits - 1; precision > 0; precision--) {
        snprintf(other, sizeof other, "%.*g", precision, value);
        if (strtod(other, NULL) == strtod(rounded, NULL) && strlen(other) <= strlen(buffer))
            snprintf(buffer, size, "%s", other); /* "10" rather than "1e+01" */
    }
    return buffer;
}
