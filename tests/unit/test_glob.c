/* Files by pattern. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/glob.h"

static char root[64];

/* Makes a file with its folders. */
static void make(const char *name)
{
    char *path = fr_path_join(root, name);
    char *folder = strndup(path, (size_t)(fr_path_base(path) - path));
    assert_int_equal(fr_mkdirs(folder, 0700), 0);
    assert_int_equal(fr_write_file(path, "x", 1, 0600), 0);
    free(folder);
    free(path);
}

static int set_up(void **state)
{
    char *link, *target;
    (void)state;
    snprintf(root, sizeof root, "/tmp/test-glob-XXXXXX");
    assert_non_null(mkdtemp(root));
    make("a.c");
    make("b.c");
    make("b.h");
    make(".hidden.c");
    make("sub/c.c");
    make("sub/deep/d.c");
    make(".git/e.c");
    make("od[d]/f.c");
    make("größe.txt");
    link = fr_path_join(root, "link");
    target = fr_path_join(root, "sub");
    assert_int_equal(symlink(target, link), 0);
    free(link);
    free(target);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fr_remove_tree(root);
    return 0;
}

/* What patterns find, without the root, with spaces between. */
static void assert_finds(const char *pattern, bool folders, const char *expected)
{
    struct fr_paths paths = {0};
    char text[1000] = "";
    assert_int_equal(fr_glob(root, pattern, folders, &paths), 0);
    fr_paths_sort(&paths);
    for (size_t i = 0; i < paths.count; i++) {
        assert_memory_equal(paths.items[i], root, strlen(root));
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
                 paths.items[i] + strlen(root) + 1);
    }
    assert_string_equal(text, expected);
    fr_paths_release(&paths);
}

static void names_and_wildcards_find_files(void **state)
{
    (void)state;
    assert_finds("a.c", false, "a.c");
    assert_finds("*.c", false, "a.c b.c");
    assert_finds("?.[ch]", false, "a.c b.c b.h");
    assert_finds(".*.c", false, ".hidden.c");
    assert_finds("gr?[ß]e.txt", false, "größe.txt"); /* characters, not bytes, in whatever locale */
    assert_finds("sub/*", false, "sub/c.c");
    assert_finds("*/c.c", false, "link/c.c sub/c.c");
    assert_finds("./sub/../a.c", false, "a.c");
    assert_finds("nobody", false, "");
    assert_finds("nobody/*.c", false, "");
    assert_finds("a.c/*", false, "");
    assert_finds("sub", false, "");
    assert_finds("sub", true, "sub");
}

static void two_stars_stand_for_any_folders(void **state)
{
    (void)state;
    assert_finds("**/*.c", false, "a.c b.c od[d]/f.c sub/c.c sub/deep/d.c");
    assert_finds("sub/**", false, "sub/c.c sub/deep/d.c");
    assert_finds("**/deep/*.c", false, "sub/deep/d.c");
    assert_finds("**/**/d.c", false, "sub/deep/d.c");
    assert_finds(".git/**", false, ".git/e.c");
}

static void an_absolute_pattern_starts_at_the_root(void **state)
{
    char pattern[100];
    (void)state;
    snprintf(pattern, sizeof pattern, "%s/*.h", root);
    assert_finds(pattern, false, "b.h");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_wildcards_find_files),
        cmocka_unit_test(two_stars_stand_for_any_folders),
        cmocka_unit_test(an_absolute_pattern_starts_at_the_root),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
