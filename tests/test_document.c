/* SPDX-License-Identifier: GPL-3.0-or-later */
/* YAML documents: trees, faults with their positions, limits, changes from the command line. */
#include "sevens/document.h"
#include "sevens/text.h"
#include "test_support.h"
#include <unistd.h>

static sevens_error err;

static sevens_document *parse(const char *text)
{
    sevens_document *doc;
    sevens_status status = sevens_document_parse(&doc, "f.yaml", text, strlen(text), &err);
    ck_assert_msg(status == SEVENS_OK, "%s", err.message);
    return doc;
}

static void refused(const char *text, size_t length, const char *message)
{
    sevens_document *doc;
    ck_assert_int_eq(sevens_document_parse(&doc, "f.yaml", text, length, &err), SEVENS_ERR_INPUT);
    ck_assert_ptr_null(doc);
    ck_contains(err.message, message);
}

typedef struct things {
    double x, sigma;
    int64_t n;
    bool flag;
    const char *text;
    int choice;
    const sevens_node *list, *mapping, *any;
} things;

#define KEY(name_, type_, default_, ...)                                                           \
    {                                                                                              \
        .name = #name_, .type = type_, .offset = offsetof(things, name_),                          \
        .default_text = default_, __VA_ARGS__                                                      \
    }
static const sevens_key keys[] = {
    KEY(x, SEVENS_KEY_REAL, "2.385", .min = -1, .max = 10, .unit = "MeV"),
    KEY(sigma, SEVENS_KEY_REAL, ".inf", .min = 0, .max = INFINITY),
    KEY(n, SEVENS_KEY_INTEGER, NULL, .min = 1, .max = 1e7, .doc = "number of points"),
    KEY(flag, SEVENS_KEY_BOOLEAN, "true", .unit = NULL),
    KEY(text, SEVENS_KEY_TEXT, "", .unit = NULL),
    KEY(choice, SEVENS_KEY_CHOICE, "linear", .choices = "log|linear"),
    KEY(list, SEVENS_KEY_SEQUENCE, "", .unit = NULL),
    KEY(mapping, SEVENS_KEY_MAPPING, "", .unit = NULL),
    KEY(any, SEVENS_KEY_ANY, "{u: 1}", .unit = NULL),
};
#define N_KEYS (sizeof keys / sizeof keys[0])

START_TEST(tree)
{
    const char *text = "a: {b: [1, 'two', ~]}\nc: &x {d: 3}\ne: *x\n";
    sevens_document *doc = parse(text);
    const sevens_node *root = sevens_document_root(doc);
    ck_assert_str_eq(sevens_document_text(doc), text);
    ck_assert_str_eq(sevens_document_name(doc), "f.yaml");
    ck_assert_uint_eq(root->n, 3);
    const sevens_node *list = sevens_node_get(sevens_node_get(root, "a"), "b");
    ck_assert_uint_eq(list->n, 3);
    ck_assert_str_eq(list->item[1]->text, "two");
    ck_assert(list->item[1]->quoted && !list->item[0]->quoted);
    ck_assert_int_eq(list->item[1]->line, 1);
    ck_assert_int_eq(list->item[1]->column, 12);
    const sevens_node *copy = sevens_node_get(root, "e");
    ck_assert_ptr_ne(copy, sevens_node_get(root, "c"));
    ck_assert_str_eq(sevens_node_get(copy, "d")->text, "3");
    ck_assert_ptr_null(sevens_node_get(root, "nothing"));
    sevens_document_free(&doc);
    ck_assert_ptr_null(doc);
}
END_TEST

START_TEST(values_and_defaults)
{
    things t;
    sevens_document *doc = parse("n: 1e3\nchoice: log\ntext: 2021\nlist: [1]\nsigma: 0.5\nx: ~\n");
    sevens_document_read(doc, sevens_document_root(doc), NULL, keys, N_KEYS, &t);
    ck_assert_int_eq(sevens_document_finish(doc, &err), SEVENS_OK);
    ck_close(t.x, 2.385, 0, 0);
    ck_close(t.sigma, 0.5, 0, 0);
    ck_assert_int_eq(t.n, 1000);
    ck_assert(t.flag);
    ck_assert_str_eq(t.text, "2021");
    ck_assert_int_eq(t.choice, 0);
    ck_assert_uint_eq(t.list->n, 1);
    ck_assert_ptr_null(t.mapping);
    ck_assert_str_eq(sevens_node_get(t.any, "u")->text, "1");
    sevens_document_free(&doc);
}
END_TEST

/* Reads `text` by the table above; its only fault must be reported as `message`. */
static void faulty(const char *text, const char *message)
{
    things t;
    sevens_document *doc = parse(text);
    sevens_document_read(doc, sevens_document_root(doc), "", keys, N_KEYS, &t);
    ck_assert_msg(sevens_document_faults(doc) == 1, "%s", text);
    ck_assert_int_eq(sevens_document_finish(doc, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, message);
    sevens_document_free(&doc);
}

START_TEST(faults)
{
    faulty("n: 2oo", "f.yaml:1:4: error: 'n' must be a whole number, not '2oo'\nn: 2oo\n   ^");
    faulty("n: '2'", "'n' must be a whole number, not '2' in quotes");
    faulty("n: 0", "'n' must be from 1 to 10000000, not '0'");
    faulty("n: [1]", "'n' must be a whole number, not a list");
    faulty("n: ~", "'n' has no value");
    faulty("n:\n", "'n' has no value");
    faulty("x: 1", "the key 'n' is missing: number of points");
    faulty("n: 1\nx: 12", "f.yaml:2:4: error: 'x' must be from -1 to 10 MeV, not '12'");
    faulty("n: 1\nx: .inf", "'x' must be a finite number, not '.inf'");
    faulty("n: 1\nsigma: -1", "'sigma' must be at least 0, not '-1'");
    faulty("n: 1\nsigma: abc", "'sigma' must be a number or .inf, not 'abc'");
    faulty("n: 1\nflag: yes", "'flag' must be true or false, not 'yes'");
    faulty("n: 1\ntext: {a: 1}", "'text' must be a text, not a mapping");
    faulty("n: 1\nlist: 3", "'list' must be a list, not '3'");
    faulty("n: 1\nmapping: [3]", "'mapping' must be a mapping, not a list");
    faulty("n: 1\nchoice: linar",
           "'choice' must be one of log, linear, not 'linar'; did you mean 'linear'?");
    faulty("n: 1\nlits: []", "f.yaml:2:1: error: unknown key 'lits'; did you mean 'list'?");
    faulty("n: 1\nsomething: 1", "unknown key 'something'; known: x, sigma, n, flag");
    faulty("n: 1\nn: 2", "f.yaml:2:1: error: key 'n' was given before, at line 1");
    faulty("[1]", "this must be a mapping (key: value), not a list");
    faulty("n: 1\n\"a\\e\\nb\": 1", "unknown key 'a??b'");
}
END_TEST

START_TEST(carets)
{
    faulty("n: 1\nmapping:\t7", "\nmapping:\t7\n        \t^");
    faulty("{n: 1, text: \"\xC3\xA9\xE2\x82\xAC\", x: 99}",
           "f.yaml:1:23: error: 'x' must be from -1 to 10 MeV, not '99'\n"
           "{n: 1, text: \"\xC3\xA9\xE2\x82\xAC\", x: 99}\n                      ^");
    char text[1000];
    snprintf(text, sizeof text, "{n: 1, text: \"%0600d\", x: 99, list: [%0200d]}", 0, 0);
    faulty(text, "0000000\", x: 99, list: [0000");
    ck_assert_uint_lt(strlen(err.message), 400);
    faulty("n: 1\r\nx: 99\r\n",
           "f.yaml:2:4: error: 'x' must be from -1 to 10 MeV, not '99'\nx: 99\n");
}
END_TEST

START_TEST(all_faults_together)
{
    things t;
    sevens_document *doc = parse("x: 11\nn: 0\nflag: 3\n");
    sevens_document_read(doc, sevens_document_root(doc), "entry[2]", keys, N_KEYS, &t);
    sevens_document_fault(doc, NULL, "all in all %d", 4);
    sevens_document_fault(doc, sevens_document_root(doc), "early");
    ck_assert_uint_eq(sevens_document_faults(doc), 5);
    ck_assert_int_eq(sevens_document_finish(doc, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, "f.yaml:1:4: error: entry[2]: 'x' must be");
    ck_contains(err.message, "\nf.yaml:2:4: error: entry[2]: 'n' must be");
    ck_contains(err.message, "\nf.yaml: error: all in all 4");
    ck_assert(strstr(err.message, "early") < strstr(err.message, "'n' must"));
    ck_assert(strstr(err.message, "'flag'") < strstr(err.message, "all in all"));
    ck_assert_int_eq(sevens_document_finish(doc, NULL), SEVENS_ERR_INPUT);
    sevens_document_free(&doc);
}
END_TEST

START_TEST(very_many_faults)
{
    char text[20000] = "";
    size_t used = 0;
    for (int i = 0; i < 1200; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "k%04d: 1\n", i);
    things t;
    sevens_document *doc = parse(text);
    sevens_document_read(doc, sevens_document_root(doc), "", keys, N_KEYS, &t);
    ck_assert_uint_eq(sevens_document_faults(doc), 1201);
    ck_assert_int_eq(sevens_document_finish(doc, &err), SEVENS_ERR_INPUT);
    const char *more = strstr(err.message, "\n... and ");
    ck_assert_ptr_nonnull(more);
    int shown = 0, left = atoi(more + 9);
    for (const char *p = err.message; (p = strstr(p, "error:")) != NULL; p++)
        shown++;
    ck_assert_int_gt(shown, 20);
    ck_assert_int_eq(shown + left, 1201);
    ck_assert_str_eq(more + strlen(more) - 5, " more");
    sevens_document_free(&doc);
}
END_TEST

START_TEST(bad_yaml)
{
    refused("", 0, "f.yaml:1:1: error: there is nothing in it");
    refused("# only\n", 7, "there is nothing in it");
    refused("a: 1\n\tb: 2\n", 11, "f.yaml:2:1: error: bad YAML: a tab cannot indent here");
    refused("a: [1,\nb: {", 11, "error: bad YAML: ");
    refused("a: \"x", 5, "(while scanning a quoted scalar that begins at line 1)");
    refused("a: 1\n---\nb: 2\n", 14, "f.yaml:2:1: error: a second document begins here");
    refused("a: 1\nb\0: 2", 10, "f.yaml:2:1: error: a NUL byte");
    refused("a: 1\nb: \xFF\n", 10, "f.yaml:2:4: error: bad YAML: invalid leading UTF-8 octet");
    refused("a: 1\nb: \x01\n", 10, "f.yaml:2:4: error: bad YAML: control characters");
    refused("a: \"\\0\"", 7, "a text cannot hold a NUL character");
    refused("a: !!str 1", 10, "f.yaml:1:4: error: tags (!...) are not allowed");
    refused("a: !x {}", 8, "tags (!...) are not allowed");
    refused("a: !x []", 8, "tags (!...) are not allowed");
    refused("{[1]: 2}", 8, "a key must be a word");
    refused("a: *b", 5, "f.yaml:1:4: error: this alias names no anchor before it");
    refused("a: &a [1, *a]", 13, "f.yaml:1:11: error: this alias stands inside what it names");
    refused("%xeW", 4, "error: ");
}
END_TEST

START_TEST(limits)
{
    size_t size = SEVENS_DOCUMENT_MAX_BYTES + 2;
    char *text = malloc(size);
    ck_assert_ptr_nonnull(text);
    memset(text, ' ', size);
    refused(text, size, "f.yaml: larger than 1048576 bytes");
    memset(text, '[', 100);
    refused(text, 100, "f.yaml:1:33: error: nested more than 32 levels deep");
    size_t used = 0;
    for (int i = 0; i <= SEVENS_DOCUMENT_MAX_NODES; i++)
        used += (size_t)snprintf(text + used, size - used, "- 1\n");
    refused(text, used, "more than 100000 values");
    used = (size_t)snprintf(text, size, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++)
        used += (size_t)snprintf(text + used, size - used,
                                 "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i,
                                 i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    refused(text, used, "more than 100000 values (each use of an alias counts)");
    used = 0;
    for (int i = 0; i < 1001; i++)
        used += (size_t)snprintf(text + used, size - used, "- &a%d 1\n", i);
    refused(text, used, "f.yaml:1001:3: error: more than 1000 anchors");
    free(text);
}
END_TEST

START_TEST(files)
{
    char folder[256], path[300];
    sevens_document *doc;
    test_folder(folder, sizeof folder);
    ck_assert_int_eq(sevens_document_load(&doc, folder, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, ": cannot read: it is a folder");
    snprintf(path, sizeof path, "%s/x.yaml", folder);
    ck_assert_int_eq(sevens_document_load(&doc, path, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, "x.yaml: cannot read: No such file or directory");
    test_write_file(path,
                    "\xEF\xBB\xBF"
                    "a: 1\r\nb: 2",
                    13);
    ck_assert_msg(sevens_document_load(&doc, path, &err) == SEVENS_OK, "%s", err.message);
    ck_assert_str_eq(sevens_document_text(doc), "\xEF\xBB\xBF"
                                                "a: 1\r\nb: 2");
    ck_assert_str_eq(sevens_node_get(sevens_document_root(doc), "b")->text, "2");
    sevens_document_free(&doc);
    unlink(path);
    rmdir(folder);
}
END_TEST

START_TEST(settings)
{
    things t;
    sevens_document *doc = parse("n: 1\nlist: [{n: 3}, 5]\nmapping:\n");
    const char *const good[] = {"n=1e3", "list.0.n=1500", "mapping.a.b=[1, 2]", "any={kind: sm}",
                                "x=",    "text=a=b"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(sevens_document_set(doc, good[i], &err) == SEVENS_OK, "%s", err.message);
    const sevens_node *root = sevens_document_root(doc);
    sevens_document_read(doc, root, "", keys, N_KEYS, &t);
    ck_assert_int_eq(sevens_document_finish(doc, &err), SEVENS_OK);
    ck_assert_int_eq(t.n, 1000);
    ck_assert_str_eq(sevens_node_get(t.list->item[0], "n")->text, "1500");
    ck_assert_uint_eq(sevens_node_get(sevens_node_get(t.mapping, "a"), "b")->n, 2);
    ck_assert_str_eq(sevens_node_get(t.any, "kind")->text, "sm");
    ck_close(t.x, 2.385, 0, 0);
    ck_assert_str_eq(t.text, "a=b");
    ck_assert_int_eq(sevens_document_set(doc, "n=2oo", &err), SEVENS_OK);
    ck_assert_int_eq(sevens_document_set(doc, "any.kind={a: 1, a: 2}", &err), SEVENS_OK);
    sevens_document_read(doc, root, "", keys, N_KEYS, &t);
    ck_assert_int_eq(sevens_document_finish(doc, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, "--set n=2oo: error: 'n' must be a whole number, not '2oo'");
    ck_contains(err.message, "--set any.kind={a: 1, a: 2}: error: key 'a' is given twice");
    sevens_document_free(&doc);
}
END_TEST

START_TEST(bad_settings)
{
    static const struct {
        const char *set, *message;
    } bad[] = {
        {"n", "--set n: error: write --set KEY.PATH=VALUE"},
        {"=3", "write --set KEY.PATH=VALUE"},
        {"list.2=3", "--set list.2=3: error: no entry 2: the list has 2, counted from 0"},
        {"list.99999999999999999999=3", "no entry 99999999999999999999"},
        {"list.-1=3", "'-1' must be the number of a list entry, from 0"},
        {"list..n=3", "an empty name in the path 'list..n'"},
        {"n.a=3", "there is no 'a' to set"},
        {"n=[1", "--set n=[1: error: bad YAML: "},
        {"n=\xFF", "error: bad YAML: invalid leading UTF-8 octet"},
        {"n=a\n---\nb", "a second document begins here"},
        {"n=*x", "this alias names no anchor"},
        {"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1", "32 levels deep"},
    };
    sevens_document *doc = parse("n: 1\nlist: [{n: 3}, 5]\n");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(sevens_document_set(doc, bad[i].set, &err), SEVENS_ERR_INPUT);
        ck_contains(err.message, bad[i].message);
    }
    sevens_document_free(&doc);
}
END_TEST

START_TEST(number_lists)
{
    size_t n;
    sevens_document *doc = parse("a: [1, 2.5, 1e2]\nb: [1, x, '2', .inf]\nc: 4\n");
    const sevens_node *root = sevens_document_root(doc);
    double *values = sevens_document_reals(doc, sevens_node_get(root, "a"), "a", 1, 3, &n);
    ck_assert_uint_eq(n, 3);
    ck_close(values[1], 2.5, 0, 0);
    free(values);
    ck_assert_ptr_null(sevens_document_reals(doc, sevens_node_get(root, "a"), "a", 4, 9, &n));
    ck_assert_ptr_null(sevens_document_reals(doc, sevens_node_get(root, "b"), "b", 1, 9, &n));
    ck_assert_ptr_null(sevens_document_reals(doc, sevens_node_get(root, "c"), "c", 1, 9, &n));
    ck_assert_ptr_null(sevens_document_reals(doc, NULL, "d", 1, 9, &n));
    ck_assert_uint_eq(sevens_document_faults(doc), 6);
    sevens_document_finish(doc, &err);
    ck_contains(err.message, "a must hold from 4 to 9 numbers, not 3");
    ck_contains(err.message, "b: entry 1 must be a finite number, not 'x'");
    ck_contains(err.message, "b: entry 3 must be a finite number, not '.inf'");
    ck_contains(err.message, "c must be a list of numbers, not '4'");
    ck_contains(err.message, "d must be a list of numbers");
    sevens_document_free(&doc);
}
END_TEST

/* ---- merging ---- */

/* A tree in one line: {a: 1, b: [2, ~]}. */
static void print_tree(const sevens_node *node, char *text)
{
    if (node->kind == SEVENS_NODE_SCALAR) {
        strcat(text, node->text);
        return;
    }
    const bool mapping = node->kind == SEVENS_NODE_MAPPING;
    strcat(text, mapping ? "{" : "[");
    for (size_t i = 0; i < node->n; i++) {
        strcat(text, i > 0 ? ", " : "");
        if (mapping)
            strcat(strcat(text, node->key[i]->text), ": ");
        print_tree(node->item[i], text);
    }
    strcat(text, mapping ? "}" : "]");
}

START_TEST(merging)
{
    static const struct {
        const char *base, *patch, *merged;
    } cases[] = {
        {"{a: 1, b: 2}", "{}", "{a: 1, b: 2}"},
        {"{a: 1, b: 2}", "{b: 3, c: 4}", "{a: 1, b: 3, c: 4}"},
        {"{a: {b: 1, c: 2}, d: 0}", "{a: {c: 3, e: 4}}", "{a: {b: 1, c: 3, e: 4}, d: 0}"},
        {"{a: {b: 1}}", "{a: [1, 2]}", "{a: [1, 2]}"},
        {"{a: [1, 2]}", "{a: [3]}", "{a: [3]}"},
        {"{a: 1}", "{a: {b: {c: 2}}}", "{a: {b: {c: 2}}}"},
        {"{a: 1, b: 2, c: 3}", "{b: ~}", "{a: 1, c: 3}"},
        {"{a: {b: 1, c: 2}}", "{a: {b: null, d: 1}}", "{a: {c: 2, d: 1}}"},
        {"{a: 1}", "{a: '~'}", "{a: ~}"}, /* in quotes: a text */
        {"{a: 1}", "{b: ~}", "{a: 1, b: ~}"},
        {"[1, 2]", "{a: 1}", "{a: 1}"},
        {"{a: 1}", "5", "5"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char before[200] = "", after[200] = "", merged[200] = "";
        sevens_document *doc = parse(cases[i].base), *other = parse(cases[i].patch);
        const sevens_node *root = sevens_document_root(doc);
        print_tree(root, before);
        const sevens_node *laid = sevens_document_merge(doc, root, sevens_document_root(other));
        ck_assert_ptr_nonnull(laid);
        sevens_document_free(&other); /* the tree does not need it any more */
        print_tree(laid, merged);
        ck_assert_str_eq(merged, cases[i].merged);
        print_tree(root, after);
        ck_assert_str_eq(after, before);
        sevens_document_free(&doc);
    }
    sevens_document *doc = parse("a: 1"), *other = parse("b: 2");
    char alone[40] = "";
    print_tree(sevens_document_merge(doc, NULL, sevens_document_root(other)), alone);
    ck_assert_str_eq(alone, "{b: 2}");
    sevens_document_free(&doc);
    sevens_document_free(&other);
}
END_TEST

/* Faults name the file that a value came from, and show the text of the document's own only. */
START_TEST(merged_places)
{
    const char *text = "n: 1\nx: 99\nflag: 1\n", *patch = "# scan\n\nx: 98\nchoice: lin\n";
    sevens_document *doc = parse(text), *other;
    things t;
    ck_assert_int_eq(sevens_document_parse(&other, "scan.yaml", patch, strlen(patch), &err),
                     SEVENS_OK);
    ck_assert_int_eq(sevens_document_set(other, "sigma=-1", &err), SEVENS_OK);
    const sevens_node *laid =
        sevens_document_merge(doc, sevens_document_root(doc), sevens_document_root(other));
    sevens_document_free(&other);
    sevens_document_read(doc, laid, "", keys, N_KEYS, &t);
    ck_assert_int_eq(sevens_document_finish(doc, &err), SEVENS_ERR_INPUT);
    ck_contains(err.message, "f.yaml:3:7: error: 'flag' must be true or false, not '1'\nflag: 1\n");
    ck_contains(err.message, "scan.yaml:3:4: error: 'x' must be from -1 to 10 MeV, not '98'\n");
    ck_contains(err.message,
                "scan.yaml:4:9: error: 'choice' must be one of log, linear, not 'lin'");
    ck_contains(err.message, "--set sigma=-1: error: 'sigma' must be at least 0, not '-1'");
    ck_assert_ptr_null(strstr(err.message, "99"));
    sevens_document_free(&doc);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("document");
    TCase *tests = tcase_create("document");
    tcase_add_test(tests, tree);
    tcase_add_test(tests, values_and_defaults);
    tcase_add_test(tests, faults);
    tcase_add_test(tests, carets);
    tcase_add_test(tests, all_faults_together);
    tcase_add_test(tests, very_many_faults);
    tcase_add_test(tests, bad_yaml);
    tcase_add_test(tests, limits);
    tcase_add_test(tests, files);
    tcase_add_test(tests, settings);
    tcase_add_test(tests, bad_settings);
    tcase_add_test(tests, number_lists);
    tcase_add_test(tests, merging);
    tcase_add_test(tests, merged_places);
    suite_add_tcase(suite, tests);
    return test_run(suite);
}
