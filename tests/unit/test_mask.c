/* Masking of secrets: in plain text, in all ways to write them, where they overlap, and where a text was cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "flowrun/base/mask.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The text with the secret masked is `want`, in one piece and in pieces of any length. */
static void check(const char *secret, const char *text, const char *want)
{
    struct fr_mask *mask = fr_mask_new();
    struct fr_buf out, piece;
    assert_true(fr_mask_add(mask, secret));
    for (size_t size = 1; size <= strlen(text); size++) {
        fr_buf_init(&out, 0);
        fr_buf_init(&piece, 0);
        for (size_t at = 0; at < strlen(text); at += size) {
            size_t len = strnlen(text + at, size);
            fr_buf_add(&piece, text + at, len);
            size_t done = fr_mask_text(mask, piece.data, piece.len, at + len < strlen(text), &out);
            memmove(piece.data, piece.data + done, piece.len - done);
            piece.len -= done;
        }
        assert_string_equal(fr_buf_cstr(&out), want);
        assert_int_equal(piece.len, 0);
        fr_buf_release(&piece);
        fr_buf_release(&out);
    }
    fr_mask_free(mask);
}

static void a_value_is_masked_wherever_it_stands(void **state)
{
    (void)state;
    check("s3cret", "s3cret, s3cres, xs3cret", "***, s3cres, x***");
    check("aab\\\\c", "raw aab\\\\c, json aab\\\\\\\\c", "raw ***, json ***");
}

static void all_ways_of_json_to_write_a_value_are_masked(void **state)
{
    (void)state;
    check("p\xc3\xa4ss/w\xf0\x9f\x98\x80rt",
          "\"p\\u00e4ss/w\\ud83d\\ude00rt\" \"p\\u00E4ss\\/w\\uD83D\\uDE00rt\" "
          "\"p\xc3\xa4ss\\/w\xf0\x9f\x98\x80rt\"",
          "\"***\" \"***\" \"***\"");
    check("\xf0\x9f\x98\x80!", "\\ud83d\\ude00! \\ud83d\\ude01! \\ud83d\\u0041",
          "*** \\ud83d\\ude01! \\ud83d\\u0041");
    check("a<b>&c", "a\\u003cb\\u003e\\u0026c", "***");
    check("q\"\xc3\xa4q", "{\"a\":\"{\\\"b\\\":\\\"q\\\\\\\"\\\\u00e4q\\\"}\"}",
          "{\"a\":\"{\\\"b\\\":\\\"***\\\"}\"}");
    check("tab\there\x7f", "tab\\there\\u007f tab\\u0009here\x7f", "*** ***");
}

static void a_value_is_found_by_its_name(void **state)
{
    static const char text[] = "a p\"ss and p\\\"ss, other";
    struct fr_mask *mask = fr_mask_new();
    struct fr_masked found;
    (void)state;
    assert_false(fr_mask_find(NULL, text, sizeof(text) - 1, &found));
    assert_true(fr_mask_add_named(mask, "WORD", "p\"ss"));
    assert_true(fr_mask_add(mask, "other"));
    assert_true(fr_mask_find(mask, text, sizeof(text) - 1, &found));
    assert_int_equal(found.at, 2);
    assert_int_equal(found.len, 4);
    assert_string_equal(found.name, "WORD");
    assert_true(fr_mask_find(mask, text + 6, sizeof(text) - 7, &found));
    assert_int_equal(found.len, 5);
    assert_null(found.name); /* as JSON writes it */
    assert_true(fr_mask_find(mask, text + 16, sizeof(text) - 17, &found));
    assert_int_equal(found.len, 5);
    assert_null(found.name);
    assert_false(fr_mask_find(mask, "p\"s", 3, &found));
    fr_mask_free(mask);
}

static void each_line_of_a_value_is_masked_also_in_json(void **state)
{
    (void)state;
    check("line-alpha\nline-\"q\"\r\nend of it\n",
          "line-alpha x [\"line-\\\"q\\\"\", \"end of it\"] \"line-alpha\\nline-\\\"q\\\"\\r\\nend "
          "of it\\n\"",
          "*** x [\"***\", \"***\"] \"***\"");
}

static void what_is_no_escape_is_left_alone(void **state)
{
    (void)state;
    check("s3cret", "\\ \\u \\u00 \\uzzzz \\x s3\\cret \\u0073",
          "\\ \\u \\u00 \\uzzzz \\x s3\\cret \\u0073");
}

static void the_rest_of_a_value_behind_a_cut_is_told(void **state)
{
    (void)state;
    static const char *const rests[] = {"ET-tail", "tail", "SECRET-tail", "0e9tail", "u00e9tail"};
    struct fr_mask *mask = fr_mask_new();
    assert_int_equal(fr_mask_cut(mask, "tail", 4), 0);
    fr_mask_add(mask, "SECRET-tail");
    fr_mask_add(mask, "value\xc3\xa9tail");
    for (size_t i = 0; i < COUNT(rests); i++)
        assert_int_equal(fr_mask_cut(mask, rests[i], strlen(rests[i])), strlen(rests[i]));
    assert_int_equal(fr_mask_cut(mask, "ET-tail\nmore", 12), 7);
    assert_int_equal(fr_mask_cut(mask, "other", 5), 0);
    assert_int_equal(fr_mask_cut(mask, "ail\n", 4), 0);
    assert_int_equal(fr_mask_cut(NULL, "tail", 4), 0);
    fr_mask_free(mask);
}

/* Base64 in an alphabet, a line of `width` characters each (0 = one line). */
static void encode_base64(const char *text, size_t len, const char *last_two, size_t width,
                          bool padded, struct fr_buf *out)
{
    char alphabet[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    memcpy(alphabet + 62, last_two, 2);
    size_t units = (8 * len + 5) / 6;
    for (size_t i = 0; i < (padded ? (len + 2) / 3 * 4 : units); i++) {
        unsigned unit = 0;
        for (size_t bit = 6 * i; bit < 6 * i + 6; bit++)
            unit = unit << 1 |
                   (bit / 8 < len ? (unsigned char)text[bit / 8] >> (7 - bit % 8) & 1U : 0);
        if (width && i && i % width == 0)
            fr_buf_char(out, '\n');
        fr_buf_char(out, i < units ? alphabet[unit] : '=');
    }
}

/* What is left when the text is masked. */
static char *masked(const struct fr_mask *mask, const char *text)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    assert_int_equal(fr_mask_text(mask, text, strlen(text), false, &out), strlen(text));
    return fr_buf_take(&out, NULL);
}

/* Whatever stands around the secret, of its base64 nothing is left: two texts that differ in nothing but the secret are
 * the same when they are masked. */
static void base64_is_masked_wherever_the_value_begins_in_it(void **state)
{
    static const char *const secrets[] = {"hunter2?>~\xff", "other-7?\?\xfe\xbf"};
    static const char *const alphabets[] = {"+/", "-_"};
    static const size_t widths[] = {0, 76, 64, 4};
    (void)state;
    for (size_t shape = 0; shape < (size_t)2 * 2 * 4 * 9; shape++) {
        char *left[2];
        for (int i = 0; i < 2; i++) {
            struct fr_mask *mask = fr_mask_new();
            struct fr_buf plain, text;
            fr_buf_init(&plain, 0);
            fr_buf_init(&text, 0);
            fr_buf_add(&plain, "user:name", shape / 16);
            fr_buf_str(&plain, secrets[i]);
            fr_buf_add(&plain, "\nmore of it", shape % 7);
            encode_base64(plain.data, plain.len, alphabets[shape & 1], widths[shape >> 2 & 3],
                          shape & 2, &text);
            assert_true(fr_mask_add(mask, secrets[i]));
            left[i] = masked(mask, fr_buf_cstr(&text));
            fr_buf_release(&plain);
            fr_buf_release(&text);
            fr_mask_free(mask);
        }
        assert_string_equal(left[0], left[1]);
        assert_non_null(strstr(left[0], "***"));
        free(left[0]);
        free(left[1]);
    }
}

static void base64_and_hexadecimal_digits_are_masked_also_in_pieces(void **state)
{
    (void)state;
    check("hunter2", "aHVudGVyMg== aHVudGVyMg aHVudGVyMw==", "***== *** aHVudGVyMw==");
    check("hunter2", "Basic dXNlcjpodW50ZXIy.", "Basic dXNlcj***.");
    check("hunter2", "68756e74657232 68756E74657232 68756e74\n657232 6875", "*** *** *** 6875");
    check("?\?>>~~", "Pz8+Pn5+ Pz8-Pn5- \"Pz8\\u002bPn5\\u002b\" Pz8%2BPn5%2b",
          "*** *** \"***\" ***");
    check("a \"b\" c", "{\"t\":\"eyJ0IjoiYSBcImJcIiBjIn0=\"}", "{\"t\":\"eyJ0Ijoi***In0=\"}");
}

static void all_ways_of_urls_to_write_a_value_are_masked(void **state)
{
    (void)state;
    check("p\xc3\xa4 s/w+d&x",
          "p%C3%A4%20s%2Fw%2Bd%26x p%c3%a4+s%2fw%2bd%26x p\xc3\xa4%20s/w+d%26x", "*** *** ***");
    check("p/q?rs", "%70%2F%71%3F%72%73 p%252Fq%253Frs p%2q?rs %70/q?r %7",
          "*** *** p%2q?rs %70/q?r %7");
    check("p/\"q\"",
          "{\"u\":\"http:\\/\\/h\\/?t=p%2F%22q%22\"} %7B%22t%22%3A%22p%2F%5C%22q%5C%22%22%7D",
          "{\"u\":\"http:\\/\\/h\\/?t=***\"} %7B%22t%22%3A%22***%22%7D");
}

static void what_shells_and_other_languages_make_of_a_value_is_masked(void **state)
{
    (void)state;
    check("it's \xc3\xa4 $1",
          "'it'\\''s \xc3\xa4 $1' it\\'s\\ \xc3\xa4\\ \\$1 'it\\'s \\xc3\\xa4 $1'",
          "'***' *** '***'");
}

static void what_html_makes_of_a_value_is_masked(void **state)
{
    (void)state;
    check("a<b>&\"c'd",
          "<p>a&lt;b&gt;&amp;\"c'd a&lt;b&gt;&amp;&quot;c&#x27;d a&lt;b&gt;&amp;&#34;c&#39;d "
          "a&lt;b&gt;&amp;&quot;c&apos;d a&lt;b&gt;&amp;&quot;c&#039;d a&lt;b&gt;&amp;&quot;c'd",
          "<p>*** *** *** *** *** ***");
    check("don't", "don&#39;t don&#x27;t don&apos;t don't dont don&quot;t",
          "*** *** *** *** dont don&quot;t");
    check("x\"yz", "{\"h\":\"<b>x&quot;yz<\\/b>\"} x&amp;yz", "{\"h\":\"<b>***<\\/b>\"} x&amp;yz");
    check("plain", "plain &lt;plain&gt;", "*** &lt;***&gt;");
}

static void each_string_of_a_value_that_is_json_is_masked(void **state)
{
    (void)state;
    check("{\"type\": \"acct\", \"n\": 12345, \"key\": [\"BEGIN\\nMII/\\u00e9A\\nEND\"], \"in\": "
          "\"{\\\"d\\\":\\\"deeper\\\"}\"}",
          "type acct 12345 MII/\xc3\xa9"
          "A MII\\/\\u00E9A deeper key END BEGIN",
          "type *** 12345 *** *** *** key END ***");
    check("[\"abc\", \"abcd\"]", "abc abcd", "abc ***");
    check("{\"broken\": \"value\"", "value {\"broken\": \"value\"", "value ***");
}

static void of_values_that_overlap_nothing_is_left(void **state)
{
    (void)state;
    struct fr_mask *mask = fr_mask_new();
    fr_mask_add(mask, "abcdef");
    fr_mask_add(mask, "defghi");
    fr_mask_add(mask, "cdef");
    fr_mask_add(mask, "xyxyxy");
    char *left = masked(mask, "abcdefghi cdefghi abcdefdefghi xyxyxyxy abcdefx");
    assert_string_equal(left, "*** *** ****** *** ***x");
    free(left);
    fr_mask_free(mask);
    check("xyxyxy", "_xyxyxyxyxyxyxyxyx_", "_***x_");
}

static void an_endless_row_of_overlapping_values_does_not_wait_for_ever(void **state)
{
    (void)state;
    enum { PIECE = 100000 };
    struct fr_mask *mask = fr_mask_new();
    struct fr_buf piece, out;
    fr_buf_init(&piece, 0);
    fr_buf_init(&out, 0);
    fr_mask_add(mask, "aaaaa");
    for (int turn = 0; turn < 20; turn++) {
        char *room = fr_buf_reserve(&piece, PIECE);
        memset(room, 'a', PIECE);
        piece.len += PIECE;
        size_t done = fr_mask_text(mask, piece.data, piece.len, turn < 19, &out);
        memmove(piece.data, piece.data + done, piece.len - done);
        piece.len -= done;
        assert_true(piece.len < 100);
    }
    assert_int_equal(piece.len, 0);
    assert_null(strchr(fr_buf_cstr(&out), 'a'));
    fr_buf_release(&piece);
    fr_buf_release(&out);
    fr_mask_free(mask);
}

static void codes_of_terminals_do_not_hide_a_value(void **state)
{
    static const char *const codes[] = {"\033[31m",
                                        "\033[m\033[K",
                                        "\033[38;2;1;2;3m",
                                        "\033]0;title\a",
                                        "\033(B\033[m",
                                        "\033]8;;http://h\033\\",
                                        "\033Pq#0\033\\\033[?25l",
                                        "\0337",
                                        "\\u001b[31m",
                                        "\\x1b[0m\\x1B[K",
                                        "\\E[1m\\e[0m",
                                        "\\\\u001B[7m",
                                        "\033]0;tab\tin\a",
                                        "\\u001b]8;;x\\u0007",
                                        "%1B%5B31m"};
    (void)state;
    for (size_t i = 0; i < COUNT(codes); i++)
        for (size_t at = 1; at < 7; at++) {
            struct fr_buf text;
            fr_buf_init(&text, 0);
            fr_buf_printf(&text, "<%.*s%s%s>", (int)at, "hunter2", codes[i], "hunter2" + at);
            check("hunter2", fr_buf_cstr(&text), *codes[i] == 033 ? "<***\033[0m>" : "<***>");
            fr_buf_release(&text);
        }
    check("hunter2", "\033[1mh\033[mu\033[1mn\033[mt\033[1me\033[mr\033[1m2\033[m.",
          "\033[1m***\033[0m\033[m.");
    check("p\"ss", "p\\\033[1m\"ss \033[31mp\033[0m\\u0022\033[7ms\033[0ms",
          "***\033[0m \033[31m***\033[0m");
    check("p ss?", "p%\033[1m20\033[mss\033[1m%3\033[mf", "***\033[0m");
    check("hunter2", "aHVu\033[1mdGVyMg\033[m== 68756e\033[m74\033[m657232",
          "***\033[0m\033[m== ***\033[0m");
    check("\033[1mhun\033[mter2", "\033[1mhunter2 \033[1mhun\033[mter2", "\033[1m*** ***\033[0m");
}

static void what_is_no_code_of_a_terminal_ends_a_value(void **state)
{
    (void)state;
    static const char *const texts[] = {"hun\033\nter2",
                                        "hun\033]0;a\nb\ater2",
                                        "hun\033[31\001ter2",
                                        "hun\033]0;never ends, ter2",
                                        "hun\033",
                                        "hun\033[31"};
    for (size_t i = 0; i < COUNT(texts); i++)
        check("hunter2", texts[i], texts[i]);
}

static void codes_in_the_rest_of_a_value_behind_a_cut_are_passed_over(void **state)
{
    (void)state;
    static const char *const rests[] = {"ET-\033[1mtail", "8;5;154mET-\033[Ktail",
                                        "\033[m\033[Kt\033[ma\033[mil"};
    struct fr_mask *mask = fr_mask_new();
    fr_mask_add(mask, "SECRET-tail");
    for (size_t i = 0; i < COUNT(rests); i++)
        assert_int_equal(fr_mask_cut(mask, rests[i], strlen(rests[i])), strlen(rests[i]));
    fr_mask_free(mask);
}

static void the_beginning_of_a_value_that_a_message_cuts_is_masked(void **state)
{
    static const struct {
        const char *text, *message, *cuts;
    } cases[] = {
        {"not 'SECRET-of-g…', but 1", "not '***…', but 1", "not '***…', but 1"},
        {"(\"x SECRET-o...) and SECRET-of-gold", "(\"x ***...) and ***",
         "(\"x ***...) and SECRET-of-gold"},
        {"SECRET-of-gold is SECRET-of-gold…", "*** is ***…", "SECRET-of-gold is ***…"},
        {"'SEC…'", "'SEC…'", "'SEC…'"}, /* tells nothing */
        {"'SECRET-p…'", "'SECRET-p…'", "'SECRET-p…'"},
        {"SECRET-\xef\xbf\xbd...", "***...", "***..."},
        {"\"U0VDUkVULW...", "\"***...", "\"***..."},
        {"...-of-gold SECRET-…", "...*** ***…", "...-of-gold ***…"},
        {"SECRET-..... SECRET-…….", "***..... ***…….", "***..... ***……."},
        {"", "", ""},
    };
    struct fr_mask *mask = fr_mask_new();
    struct fr_buf out;
    (void)state;
    fr_buf_init(&out, 0);
    fr_mask_add(mask, "SECRET-of-gold");
    for (size_t i = 0; i < COUNT(cases); i++) {
        fr_buf_clear(&out);
        fr_mask_message(mask, cases[i].text, strlen(cases[i].text), &out);
        assert_string_equal(fr_buf_cstr(&out), cases[i].message);
        fr_buf_clear(&out);
        fr_mask_cuts(mask, cases[i].text, strlen(cases[i].text), &out);
        assert_string_equal(fr_buf_cstr(&out), cases[i].cuts);
        fr_buf_clear(&out);
        fr_mask_cuts(NULL, cases[i].text, strlen(cases[i].text), &out);
        fr_mask_message(NULL, cases[i].text, strlen(cases[i].text), &out);
        assert_int_equal(out.len, 2 * strlen(cases[i].text));
    }
    fr_buf_release(&out);
    fr_mask_free(mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_found_by_its_name),
        cmocka_unit_test(a_value_is_masked_wherever_it_stands),
        cmocka_unit_test(all_ways_of_json_to_write_a_value_are_masked),
        cmocka_unit_test(each_line_of_a_value_is_masked_also_in_json),
        cmocka_unit_test(what_is_no_escape_is_left_alone),
        cmocka_unit_test(the_rest_of_a_value_behind_a_cut_is_told),
        cmocka_unit_test(base64_is_masked_wherever_the_value_begins_in_it),
        cmocka_unit_test(base64_and_hexadecimal_digits_are_masked_also_in_pieces),
        cmocka_unit_test(all_ways_of_urls_to_write_a_value_are_masked),
        cmocka_unit_test(what_shells_and_other_languages_make_of_a_value_is_masked),
        cmocka_unit_test(what_html_makes_of_a_value_is_masked),
        cmocka_unit_test(each_string_of_a_value_that_is_json_is_masked),
        cmocka_unit_test(of_values_that_overlap_nothing_is_left),
        cmocka_unit_test(an_endless_row_of_overlapping_values_does_not_wait_for_ever),
        cmocka_unit_test(codes_of_terminals_do_not_hide_a_value),
        cmocka_unit_test(what_is_no_code_of_a_terminal_ends_a_value),
        cmocka_unit_test(codes_in_the_rest_of_a_value_behind_a_cut_are_passed_over),
        cmocka_unit_test(the_beginning_of_a_value_that_a_message_cuts_is_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
