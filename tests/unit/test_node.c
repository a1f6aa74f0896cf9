/* YAML text to trees: values, places, merge keys, limits, and what is said about bad text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "sources.h"

static void scalars_follow_the_core_schema(void **state)
{
    (void)state;
    assert_tree("[~, null, Null, NULL, '', \"null\"]", "[null,null,null,null,\"\",\"null\"]");
    assert_tree("[true, True, FALSE, no, yes, on, y, 'true']",
                "[true,true,false,\"no\",\"yes\",\"on\",\"y\",\"true\"]");
    assert_tree("[1, -1, +5, 007, 0o17, 0x1F, 1_000, 12e, '3']",
                "[1,-1,5,7,15,31,\"1_000\",\"12e\",\"3\"]");
    assert_tree("[.5, 1., -2.50, 1e3, 1.e5, ., -, +, .e1]",
                "[0.5,1.0,-2.50,1e3,1.0e5,\".\",\"-\",\"+\",\".e1\"]");
    assert_tree("[.inf, -.Inf, .NAN]", "[1.7976931348623157e308,-1.7976931348623157e308,null]");
    assert_tree("a: 12345678901234567890123\nb: 0.1\n",
                "{\"a\":12345678901234567890123,\"b\":0.1}");
    assert_tree("[0xFFFFFFFFFFFFFFFF, 2026-01-01, 1:30]",
                "[18446744073709551615,\"2026-01-01\",\"1:30\"]");
}

static void core_tags_decide_the_type(void **state)
{
    (void)state;
    assert_tree("[!!str 5, !!int \"5\", !!float 1, !!bool 'true', !!null '', ! 7]",
                "[\"5\",5,1,true,null,\"7\"]");
    assert_tree("{a: !!seq [1], b: !!map {c: 1}}", "{\"a\":[1],\"b\":{\"c\":1}}");
    assert_tree_problems(
        "a: !!int x\nb: !!binary aGk=\n",
        "1:4+5 bad-tag: the tag '!!int' does not fit this value | known are !!str, "
        "!!int, !!float, !!bool, !!null, !!seq and !!map\n"
        "2:4+8 bad-tag: the tag '!!binary' does not fit this value | known are "
        "!!str, !!int, !!float, !!bool, !!null, !!seq and !!map\n");
    assert_tree_problems(
        "run: !foo bar\n",
        "1:6+4 bad-tag: the tag '!foo' is not known | quote this: run: '!foo bar'\n");
}

static void blocks_and_quotes_keep_their_text(void **state)
{
    (void)state;
    assert_tree(
        "a: |\n  x\n    y\n\n  z\nb: >-\n  x\n  y\n\n  z\nc: |+\n  x\n\nd: \"\\x41\\u00e9\\n\"\n",
        "{\"a\":\"x\\n  y\\n\\nz\\n\",\"b\":\"x y\\nz\",\"c\":\"x\\n\\n\",\"d\":\"Aé\\n\"}");
}

static void nodes_know_their_place_in_characters(void **state)
{
    (void)state;
    struct read_tree tree;
    const char *yaml = "\xef\xbb\xbf"
                       "é: {ü: x}\nlist:\n  - \"q\"\n  - |\n    text\n";
    tree_read(&tree, yaml, strlen(yaml));
    assert_int_equal(tree.err, FR_OK);
    const struct node *inner = node_get(node_get(tree.root, "é"), "ü");
    assert_int_equal(inner->line, 1);
    assert_int_equal(inner->col, 8);
    const struct node *key = node_get_key(tree.root, "list");
    assert_int_equal(key->line, 2);
    assert_int_equal(key->col, 1);
    const struct node *list = node_get(tree.root, "list");
    assert_int_equal(node_mark(list->items[0]).line, 3);
    assert_int_equal(node_mark(list->items[0]).col, 5);
    assert_int_equal(node_mark(list->items[0]).len, 3);
    assert_true(list->items[1]->block);
    assert_int_equal(list->items[1]->line, 4);
    assert_false(list->flow);
    assert_string_equal(list->items[0]->file, "t.yaml");
    tree_release(&tree);
}

static void aliases_share_and_merge_keys_fill_in(void **state)
{
    (void)state;
    struct read_tree tree;
    const char *yaml = "a: &x {b: 1, c: 2}\nd: *x\n";
    tree_read(&tree, yaml, strlen(yaml));
    assert_ptr_equal(node_get(tree.root, "a"), node_get(tree.root, "d"));
    tree_release(&tree);
    assert_tree("a: &x {b: 1, c: 2}\nd: {z: 0, <<: *x, c: 3}\n",
                "{\"a\":{\"b\":1,\"c\":2},\"d\":{\"z\":0,\"b\":1,\"c\":3}}");
    assert_tree("- &p {a: 1, b: 1}\n- &q {b: 2, c: 2}\n- {<<: [*p, *q]}\n- {<<: [*q, *p], c: 9}\n",
                "[{\"a\":1,\"b\":1},{\"b\":2,\"c\":2},{\"a\":1,\"b\":1,\"c\":2},{\"b\":2,\"a\":1,"
                "\"c\":9}]");
    assert_tree("{\"<<\": 1}", "{\"<<\":1}");
    assert_tree("[&a x, &a y, *a]", "[\"x\",\"y\",\"y\"]");
    assert_tree("{&k key: 1, other: *k}", "{\"key\":1,\"other\":\"key\"}");
    assert_tree_problems("{<<: 3}",
                         "1:6+1 wrong-type: '<<' merges mappings, but this is a number | write "
                         "`<<: *name` or `<<: [*first, *second]`, or quote the key: \"<<\"\n");
}

#define EIGHT "a, b, c, d, e, f, g, h"

static void equal_lists_of_ids_share_their_items(void **state)
{
    (void)state;
    static const char *const alone[] = {"[a, b, c, d, e, f, g]",
                                        "[a, b, c, d, e, f, g, i]",
                                        ("[" EIGHT ", i]"),
                                        "[a, b, c, d, e, f, g, \"h\"]",
                                        "[&x a, b, c, d, e, f, g, h]",
                                        "[!!str a, b, c, d, e, f, g, h]",
                                        "[a, b, c, d, e, f, g, [h]]",
                                        "[*x, b, c, d, e, f, g, h]"};
    char yaml[512];
    struct read_tree tree;
    for (size_t i = 0; i < sizeof(alone) / sizeof(*alone); i++) {
        (void)snprintf(yaml, sizeof(yaml),
                       "- &x a\n- depends_on: %s\n- depends_on: %s\n- others: [" EIGHT "]\n"
                       "- depends_on: [" EIGHT "]\n- depends_on: [" EIGHT "]\n- others: [" EIGHT
                       "]\n",
                       alone[i], strchr(alone[i], '&') || i == 0 ? "[]" : alone[i]);
        tree_read(&tree, yaml, strlen(yaml));
        const struct node *own = node_get(tree.root->items[1], "depends_on");
        const struct node *first = node_get(tree.root->items[4], "depends_on");
        const struct node *second = node_get(tree.root->items[5], "depends_on");
        const struct node *other = node_get(tree.root->items[6], "others");
        assert_false(own->shared);
        assert_false(first->shared);
        assert_true(second->shared);
        assert_false(other->shared);
        assert_ptr_equal(second->items, first->items);
        assert_int_equal(second->len, 8);
        assert_int_equal(node_item_mark(first, 7).col, 37);
        assert_int_equal(node_item_mark(second, 7).line, 6);
        assert_int_equal(node_item_mark(second, 7).col, 15);
        assert_string_equal(other->items[7]->text, "h");
        assert_int_equal(other->items[7]->line, 7);
        tree_release(&tree);
    }
}

/* An expression needs a place of its own for what is wrong with it. */
static void lists_with_expressions_are_not_shared(void **state)
{
    (void)state;
    struct read_tree tree;
    const char *list =
        "depends_on: \n  - a\n  - b\n  - c\n  - d\n  - e\n  - f\n  - g\n  - ${{ h }}\n";
    char yaml[256];
    (void)snprintf(yaml, sizeof(yaml), "- %s- %s", list, list);
    tree_read(&tree, yaml, strlen(yaml));
    assert_int_equal(tree.err, FR_OK);
    const struct node *second = node_get(tree.root->items[1], "depends_on");
    assert_int_equal(second->len, 8);
    assert_false(second->shared);
    assert_int_equal(node_item_mark(second, 7).line, 18);
    tree_release(&tree);
}

/* Many different lists, each twice, with other nodes between them. */
static void lists_that_are_repeated_keep_what_stands_around_them(void **state)
{
    (void)state;
    struct fr_buf yaml;
    struct read_tree tree;
    char id[32];
    fr_buf_init(&yaml, 0);
    for (int i = 0; i < 1000; i++) {
        fr_buf_printf(&yaml, "- id: s%d\n  depends_on: [", i);
        for (int k = 0; k < 40; k++) {
            fr_buf_printf(&yaml, "%ss%d_%d", k ? ", " : "", i / 2, k);
        }
        fr_buf_str(&yaml, "]\n");
    }
    tree_read(&tree, fr_buf_cstr(&yaml), yaml.len);
    assert_int_equal(tree.err, FR_OK);
    for (int i = 0; i < 1000; i++) {
        const struct node *list = node_get(tree.root->items[i], "depends_on");
        (void)snprintf(id, sizeof(id), "s%d", i);
        assert_string_equal(node_get_text(tree.root->items[i], "id"), id);
        assert_int_equal(list->shared, i % 2);
        (void)snprintf(id, sizeof(id), "s%d_39", i / 2);
        assert_string_equal(list->items[39]->text, id);
    }
    tree_release(&tree);
    fr_buf_release(&yaml);
}

static void duplicate_keys_are_all_reported(void **state)
{
    (void)state;
    assert_tree_problems(
        "a: 1\nb: {c: 1, c: 2}\n\"a\": 3\n",
        "2:11+1 duplicate-key: the key 'c' stands twice in one mapping | the first one is "
        "on line 2; keep one\n"
        "3:1+3 duplicate-key: the key 'a' stands twice in one mapping | the first one is "
        "on line 1; keep one\n");
    struct fr_buf many;
    struct read_tree tree;
    fr_buf_init(&many, 0);
    for (int i = 0; i < 100; i++) {
        fr_buf_printf(&many, "k%d: 1\n", i);
    }
    fr_buf_str(&many, "k77: 2\n");
    tree_read(&tree, fr_buf_cstr(&many), many.len);
    assert_int_equal(tree.diags.errors, 1);
    assert_int_equal(tree.diags.items[0].mark.line, 101);
    assert_int_equal(tree.root->len, 100);
    tree_release(&tree);
    fr_buf_release(&many);
}

static void syntax_errors_name_the_missing_bracket(void **state)
{
    (void)state;
    assert_tree_problems("steps: [\n", "2:1 yaml-syntax: expected a value or ']' in the list | "
                                       "it began on line 1, column 8\n");
    assert_tree_problems("a: [b, {c: d,\n\n# x\n",
                         "4:1 yaml-syntax: expected a value or '}' in the mapping | "
                         "it began on line 1, column 8\n");
    assert_tree_problems("a: [}\n", "1:5 yaml-syntax: expected a value or ']' in the list | "
                                    "it began on line 1, column 4\n");
    assert_tree_problems("a: ]\n", "1:4 yaml-syntax: no list or mapping is open here | "
                                   "remove it, or put the text in quotes\n");
    assert_tree_problems("a: [b,, c]\n",
                         "1:7 yaml-syntax: a value is missing here | remove the ',' too many\n");
}

static void syntax_errors_name_the_missing_quotes(void **state)
{
    (void)state;
    assert_tree_problems(
        "a:\n  run: echo hi: there\n",
        "2:8+14 yaml-syntax: without quotes ': ' ends a key | quote this: run: 'echo hi: "
        "there'\n");
    assert_tree_problems(
        "argv: [${{ .x }}]\n",
        "1:8+9 yaml-syntax: inside [] or {} an expression needs quotes | quote this: "
        "'${{ .x }}'\n");
    assert_tree_problems(
        "env: {A: ${{ .x }}}\n",
        "1:10+9 yaml-syntax: inside [] or {} an expression needs quotes | quote this: "
        "'${{ .x }}'\n");
    assert_tree_problems(
        "a: [b,\n  ${{ .x }}]\n",
        "2:3+9 yaml-syntax: inside [] or {} an expression needs quotes | quote this: "
        "'${{ .x }}'\n");
    assert_tree_problems("run: @foo\n",
                         "1:6+4 yaml-syntax: '@' and '`' cannot begin text without quotes | "
                         "quote this: run: '@foo'\n");
    assert_tree_problems("run: `x`\n",
                         "1:6+3 yaml-syntax: '@' and '`' cannot begin text without quotes | "
                         "quote this: run: '`x`'\n");
    assert_tree_problems("run: %foo\n",
                         "1:6+4 yaml-syntax: without quotes '%' begins a directive | quote "
                         "this: run: '%foo'\n");
    assert_tree_problems("run: *.txt\n",
                         "1:6+5 yaml-syntax: without quotes '*' begins an alias | quote "
                         "this: run: '*.txt'\n");
    assert_tree_problems("run: *txt\n",
                         "1:6+4 unknown-alias: no anchor '&txt' comes before the alias "
                         "'*txt' | quote this: run: '*txt', or define it before with '&'\n");
    assert_tree_problems("run: & x\n",
                         "1:6+3 yaml-syntax: without quotes '&' begins an anchor | quote this: "
                         "run: '& x'\n");
    assert_tree_problems("run: \"a\" b\nc: d\n",
                         "1:6+5 yaml-syntax: text follows the closing quote | quote "
                         "this: run: '\"a\" b'\n");
    assert_tree_problems("run: 'it's'\nc: d\n",
                         "1:6+6 yaml-syntax: text follows the closing quote | quote "
                         "this: run: \"'it's'\"\n");
    assert_tree_problems("- run: - foo\n",
                         "1:8+5 yaml-syntax: without quotes '- ' begins a list and '? ' a "
                         "key | quote this: run: '- foo'\n");
    assert_tree_problems("run: [ -f x ] && y\n",
                         "1:6+13 yaml-syntax: without quotes '[' begins a list | "
                         "quote this: run: '[ -f x ] && y'\n");
    assert_tree_problems("input: {{input}}\n",
                         "1:8+9 bad-key: without quotes '{{' begins a mapping, not an "
                         "expression | quote this: '{{input}}'\n");
}

static void other_syntax_errors_say_where_and_why(void **state)
{
    (void)state;
    assert_tree_problems("run: \"abc\nd: e\n",
                         "1:6 yaml-syntax: the quote that begins here is never closed | "
                         "close it, or quote the text with the other kind\n");
    assert_tree_problems("a: b\n\tc: d\n",
                         "2:1 yaml-syntax: a tab cannot indent | indent with spaces\n");
    assert_tree_problems(
        "a:\n  b: c\n d: e\n",
        "3:2 yaml-syntax: this line is not a key of the mapping above it | indent it like "
        "the others: the mapping began on line 1, column 1\n");
    assert_tree_problems(
        "s:\n  - a: x\n   - b: y\n",
        "3:4 yaml-syntax: this line is not an item of the list above it | indent it like "
        "the others: the list began on line 2, column 3\n");
    assert_tree_problems("a: [x, y\nb: c\n",
                         "2:2 yaml-syntax: expected ',' or ']' in the list | it began on "
                         "line 1, column 4\n");
    assert_tree_problems("a: \"\\q\"\n",
                         "1:5 yaml-syntax: unknown escape in double quotes | write a "
                         "backslash as \\\\, or use single quotes\n");
    assert_tree_problems("run: | foo\n",
                         "1:8 yaml-syntax: text behind '|' or '>' must begin on the next line "
                         "| begin a new line, two spaces deeper\n");
    assert_tree_problems("a\nb: c\n",
                         "2:2 yaml-syntax: a key cannot begin here: the text of the line above "
                         "goes on | line it up with the other keys, or put the text above in "
                         "quotes\n");
    assert_tree_problems(
        "%YAML 2.0\n---\na: b\n",
        "1:1 yaml-syntax: only YAML 1.1 and 1.2 are known | remove the %YAML line\n");
    assert_tree_problems("? [a]\n: b\n",
                         "1:3 bad-key: a key must be text, not a list | quote this\n");
}

static void files_that_are_no_single_document_are_refused(void **state)
{
    (void)state;
    static const char empty[] = "1:1 empty-file: the file is empty\n";
    assert_tree_problems("", empty);
    assert_tree_problems("# only a comment\n", empty);
    assert_tree_problems("---\n", empty);
    assert_tree_problems(
        "a: 1\n---\nb: 2\n",
        "2:1 several-documents: a second document begins here | keep one document a file; "
        "a line `---` begins a document\n");
    assert_tree("---\na: 1\n...\n", "{\"a\":1}");
    assert_tree("a: 1\r\nb:\r\n  - c\r\n", "{\"a\":1,\"b\":[\"c\"]}");
}

static void bytes_that_are_no_text_are_placed(void **state)
{
    (void)state;
    struct read_tree tree;
    assert_tree_problems("a: é\xff\n",
                         "1:5 not-utf8: the byte 0xff is not UTF-8 | save the file as UTF-8\n");
    assert_tree_problems(
        "a: b\nc: \x1b[0m\n",
        "2:4 not-utf8: the file holds a control character (0x1b) | remove it, or write it "
        "as an escape in double quotes, like \"\\x1b\"\n");
    assert_tree_problems("\xff\xfe"
                         "a",
                         "1:1 not-utf8: the file is UTF-16 | save the file as UTF-8\n");
    tree_read(&tree, "a: 1\nb: \0\n", 10);
    assert_int_equal(tree.diags.errors, 1);
    assert_string_equal(tree.diags.items[0].message, "the file holds a NUL byte");
    assert_int_equal(tree.diags.items[0].mark.line, 2);
    assert_int_equal(tree.diags.items[0].mark.col, 4);
    assert_null(tree.root);
    tree_release(&tree);
    assert_tree_problems("a: \"x\\0y\"\n",
                         "1:4 bad-value: text cannot hold a NUL | remove the \\0\n");
}

/* Reads `count` copies of a piece, and returns the code of the first problem. */
static const char *code_of_many(const char *piece, int count)
{
    static char code[64];
    struct read_tree tree;
    struct fr_buf text;
    fr_buf_init(&text, 0);
    for (int i = 0; i < count; i++) {
        fr_buf_str(&text, piece);
    }
    tree_read(&tree, fr_buf_cstr(&text), text.len);
    (void)snprintf(code, sizeof(code), "%s", tree.diags.count > 0 ? tree.diags.items[0].code : "");
    tree_release(&tree);
    fr_buf_release(&text);
    return code;
}

static void depth_is_limited_before_it_costs_time(void **state)
{
    (void)state;
    assert_string_equal(code_of_many("[", 1 << 20), "too-deep");
    assert_string_equal(code_of_many("[\n", 1 << 20), "too-deep");
    assert_string_equal(code_of_many("{", 1 << 20), "too-deep");
    assert_string_equal(code_of_many("- ", 1 << 19), "too-deep");
    assert_string_equal(code_of_many("? ", 1 << 19), "too-deep");
    assert_string_equal(code_of_many("%TAG !a! b\n", 100000), "yaml-syntax");
    struct fr_buf deep;
    struct read_tree tree;
    fr_buf_init(&deep, 0);
    for (int i = 0; i < NODE_MAX_DEPTH; i++) {
        fr_buf_char(&deep, '[');
    }
    for (int i = 0; i < NODE_MAX_DEPTH; i++) {
        fr_buf_char(&deep, ']');
    }
    tree_read(&tree, fr_buf_cstr(&deep), deep.len);
    assert_int_equal(tree.err, FR_OK);
    tree_release(&tree);
    fr_buf_release(&deep);
}

static void alias_bombs_and_loops_are_refused(void **state)
{
    (void)state;
    struct fr_buf bomb;
    struct read_tree tree;
    fr_buf_init(&bomb, 0);
    fr_buf_str(&bomb, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
        fr_buf_printf(&bomb, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++) {
            fr_buf_printf(&bomb, "*a%d,", i - 1);
        }
        fr_buf_str(&bomb, "]\n");
    }
    tree_read(&tree, fr_buf_cstr(&bomb), bomb.len);
    assert_int_equal(tree.diags.errors, 1);
    assert_string_equal(tree.diags.items[0].code, "alias-bomb");
    assert_true(tree.arena.used < 1 << 16);
    tree_release(&tree);
    fr_buf_release(&bomb);
    assert_tree_problems(
        "a: &x [*x]\n",
        "1:8+2 unknown-alias: the alias '*x' stands inside the value that it stands for\n");
    assert_tree_problems(
        "a: &base 1\nb: *bsae\n",
        "2:4+5 unknown-alias: no anchor '&bsae' comes before the alias '*bsae' | did you "
        "mean '*base'?\n");
}

static void an_alias_counts_with_the_depth_it_brings(void **state)
{
    (void)state;
    struct fr_buf deep;
    struct read_tree tree;
    fr_buf_init(&deep, 0);
    fr_buf_str(&deep, "a: &a ");
    for (int i = 0; i < 150; i++) {
        fr_buf_char(&deep, '[');
    }
    for (int i = 0; i < 150; i++) {
        fr_buf_char(&deep, ']');
    }
    fr_buf_str(&deep, "\nb: ");
    for (int i = 0; i < 60; i++) {
        fr_buf_char(&deep, '[');
    }
    fr_buf_str(&deep, "*a");
    for (int i = 0; i < 60; i++) {
        fr_buf_char(&deep, ']');
    }
    tree_read(&tree, fr_buf_cstr(&deep), deep.len);
    assert_int_equal(tree.diags.errors, 1);
    assert_string_equal(tree.diags.items[0].code, "too-deep");
    tree_release(&tree);
    fr_buf_release(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_follow_the_core_schema),
        cmocka_unit_test(core_tags_decide_the_type),
        cmocka_unit_test(blocks_and_quotes_keep_their_text),
        cmocka_unit_test(nodes_know_their_place_in_characters),
        cmocka_unit_test(aliases_share_and_merge_keys_fill_in),
        cmocka_unit_test(equal_lists_of_ids_share_their_items),
        cmocka_unit_test(lists_with_expressions_are_not_shared),
        cmocka_unit_test(lists_that_are_repeated_keep_what_stands_around_them),
        cmocka_unit_test(duplicate_keys_are_all_reported),
        cmocka_unit_test(syntax_errors_name_the_missing_bracket),
        cmocka_unit_test(syntax_errors_name_the_missing_quotes),
        cmocka_unit_test(other_syntax_errors_say_where_and_why),
        cmocka_unit_test(files_that_are_no_single_document_are_refused),
        cmocka_unit_test(bytes_that_are_no_text_are_placed),
        cmocka_unit_test(depth_is_limited_before_it_costs_time),
        cmocka_unit_test(alias_bombs_and_loops_are_refused),
        cmocka_unit_test(an_alias_counts_with_the_depth_it_brings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
