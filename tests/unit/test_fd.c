/* Descriptors, whole files, folders and paths, in a folder of their own that is removed after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowrun/base/fd.h"

static char top[64];

static int make_top(void **state)
{
    (void)state;
    (void)snprintf(top, sizeof(top), "/tmp/flowrun-test-fd-XXXXXX");
    return mkdtemp(top) ? 0 : -1;
}

static int drop_top(void **state)
{
    (void)state;
    return fr_remove_tree(top);
}

/* A path below the test's folder; valid until the fourth call after. */
static const char *at(const char *name)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof(paths[0]), "%s/%s", top, name);
    return path;
}

/* Gives root's rights up for a while: for root no folder is closed. */
static void be_nobody(void)
{
    if (getuid() == 0) {
        assert_int_equal(seteuid(65534), 0);
        assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
    }
}

static void be_myself(void)
{
    assert_int_equal(seteuid(getuid()), 0);
    assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
}

static bool there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static void write_text(const char *path, const char *text, mode_t mode)
{
    int fd = fr_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(fr_write_all(fd, text, strlen(text)), 0);
    fr_close(&fd);
}

static void assert_content(const char *path, const char *text)
{
    struct fr_buf buf;
    fr_buf_init(&buf, 0);
    assert_int_equal(fr_read_file(path, &buf), 0);
    assert_string_equal(fr_buf_cstr(&buf), text);
    fr_buf_release(&buf);
}

static void descriptors_are_close_on_exec(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(fr_pipe(fds, O_NONBLOCK), 0);
    int file = fr_open("/dev/null", O_RDONLY | O_CLOEXEC, 0);
    assert_true(file >= 0);
    assert_true(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fds[1], F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(file, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
    fr_close(&fds[0]);
    fr_close(&fds[1]);
    fr_close(&file);
    assert_int_equal(file, -1);
    errno = 17;
    fr_close(&file);
    assert_int_equal(errno, 17);
    assert_int_equal(fr_open(at("missing"), O_RDONLY | O_CLOEXEC, 0), -ENOENT);
}

static void *write_much(void *arg)
{
    int *fd = arg;
    static char data[1 << 20];
    memset(data, 'z', sizeof(data));
    int err = fr_write_all(*fd, data, sizeof(data));
    fr_close(fd);
    return (void *)(intptr_t)err;
}

static void a_full_pipe_is_waited_for(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(fr_pipe(fds, O_NONBLOCK), 0);
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_much, &fds[1]), 0);
    struct fr_buf buf;
    fr_buf_init(&buf, 0);
    assert_int_equal(fr_read_all(fds[0], &buf), 0);
    void *err = NULL;
    assert_int_equal(pthread_join(writer, &err), 0);
    assert_null(err);
    assert_int_equal(buf.len, 1 << 20);
    fr_buf_release(&buf);
    fr_close(&fds[0]);
}

static void no_descriptor_left_is_an_error(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int fds[2] = {7, 7};
    int err = fr_pipe(fds, 0);
    int fd = fr_open("/dev/null", O_RDONLY | O_CLOEXEC, 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(err, -EMFILE);
    assert_int_equal(fds[0], -1);
    assert_int_equal(fds[1], -1);
    assert_int_equal(fd, -EMFILE);
}

/* A big file is read into memory that is asked for once. */
static void a_big_file_needs_no_growing(void **state)
{
    (void)state;
    enum { SIZE = 1000000 };
    int fd = fr_open(at("big"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, SIZE), 0);
    struct fr_buf buf;
    fr_buf_init(&buf, 0);
    assert_int_equal(fr_read_all(fd, &buf), 0);
    fr_close(&fd);
    assert_int_equal(buf.len, SIZE);
    assert_in_range(buf.cap, SIZE + 1, SIZE + (128 << 10));
    fr_buf_release(&buf);
}

static void reading_respects_the_ceiling_to_the_byte(void **state)
{
    (void)state;
    write_text(at("ten"), "0123456789", 0600);
    for (size_t ceiling = 1; ceiling <= 12; ceiling++) {
        struct fr_buf buf;
        fr_buf_init(&buf, ceiling);
        assert_int_equal(fr_read_file(at("ten"), &buf), ceiling < 10 ? -EFBIG : 0);
        assert_int_equal(buf.overflow, ceiling < 10);
        assert_int_equal(buf.len, ceiling < 10 ? ceiling : 10);
        fr_buf_release(&buf);
    }
    struct fr_buf buf;
    fr_buf_init(&buf, 0);
    assert_int_equal(fr_read_file(at("missing"), &buf), -ENOENT);
    assert_int_equal(fr_read_file(top, &buf), -EISDIR);
    assert_int_equal(fr_read_file("/proc/self/status", &buf), 0);
    assert_true(buf.len > 100);
    fr_buf_release(&buf);
}

static void a_file_is_written_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_int_equal(fr_write_file(at("out"), "first", 5, 0640), 0);
    assert_content(at("out"), "first");
    struct stat before;
    assert_int_equal(stat(at("out"), &before), 0);
    assert_int_equal(before.st_mode & 0137, 0);
    /* Who has the old file open keeps it: the new one is another file under the same name. */
    int old = fr_open(at("out"), O_RDONLY | O_CLOEXEC, 0);
    assert_int_equal(fr_write_file(at("out"), "second", 6, 0640), 0);
    char text[8] = "";
    assert_int_equal(read(old, text, sizeof(text)), 5);
    assert_string_equal(text, "first");
    fr_close(&old);
    assert_content(at("out"), "second");
}

static void a_failed_write_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(mkdir(at("full"), 0700), 0);
    assert_int_equal(mkdir(at("full/target"), 0700), 0);
    assert_int_equal(fr_write_file(at("full/target"), "x", 1, 0600), -EISDIR);
    assert_int_equal(fr_write_file(at("nowhere/x"), "x", 1, 0600), -ENOENT);
    assert_int_equal(rmdir(at("full/target")), 0);
    /* A disk without room, as far as this process can tell. */
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 4, .rlim_max = before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int err = fr_write_file(at("full/file"), "too much", 8, 0600);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(err, -EFBIG);
    assert_int_equal(rmdir(at("full")), 0);
}

static void a_link_stays_a_link_when_its_file_is_replaced(void **state)
{
    (void)state;
    assert_int_equal(mkdir(at("real"), 0700), 0);
    write_text(at("real/file"), "old", 0600);
    assert_int_equal(symlink("real/file", at("link")), 0);
    assert_int_equal(fr_write_file(at("link"), "new", 3, 0600), 0);
    struct stat st;
    assert_int_equal(lstat(at("link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_content(at("real/file"), "new");
}

static void a_file_of_ones_own_takes_the_place_of_a_link(void **state)
{
    struct stat st;
    (void)state;
    write_text(at("victim"), "kept", 0644);
    assert_int_equal(symlink("victim", at("own")), 0);
    assert_int_equal(fr_replace_file(at("own"), "new", 3, 0600), 0);
    assert_int_equal(lstat(at("own"), &st), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_content(at("own"), "new");
    assert_content(at("victim"), "kept");
    assert_int_equal(mkdir(at("folder"), 0700), 0);
    assert_int_equal(fr_replace_file(at("folder"), "x", 1, 0600), -EISDIR);
    assert_int_equal(rmdir(at("folder")), 0);
}

static void a_link_to_a_file_that_is_not_there_makes_it(void **state)
{
    struct stat st;
    (void)state;
    assert_int_equal(mkdir(at("far"), 0700), 0);
    assert_int_equal(symlink("hop", at("first")), 0);
    assert_int_equal(symlink(at("far/made"), at("hop")), 0);
    assert_int_equal(fr_write_file(at("first"), "new", 3, 0600), 0);
    assert_content(at("far/made"), "new");
    assert_int_equal(lstat(at("first"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(symlink("round", at("round")), 0);
    assert_int_equal(fr_write_file(at("round"), "x", 1, 0600), -ELOOP);
    assert_int_equal(symlink("nowhere/x", at("astray")), 0);
    assert_int_equal(fr_write_file(at("astray"), "x", 1, 0600), -ENOENT);
}

static void a_file_keeps_its_mode_when_it_is_replaced(void **state)
{
    struct stat st;
    (void)state;
    write_text(at("shared"), "old", 0600);
    assert_int_equal(chmod(at("shared"), 0664), 0);
    assert_int_equal(fr_write_file(at("shared"), "new", 3, 0600), 0);
    assert_int_equal(stat(at("shared"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0664);
}

static void a_device_is_written_to_and_not_replaced(void **state)
{
    (void)state;
    assert_int_equal(fr_write_file("/dev/null", "x", 1, 0600), 0);
    struct stat st;
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
}

static void folders_are_made_with_their_parents(void **state)
{
    (void)state;
    assert_int_equal(fr_mkdirs(at("a/b//c/"), 0755), 0);
    assert_true(there(at("a/b/c")));
    assert_int_equal(fr_mkdirs(at("a/b/c"), 0755), 0);
    assert_int_equal(fr_mkdirs("/", 0755), 0);
    write_text(at("a/file"), "", 0600);
    assert_int_equal(fr_mkdirs(at("a/file"), 0755), -ENOTDIR);
    assert_int_equal(fr_mkdirs(at("a/file/x"), 0755), -ENOTDIR);
    assert_int_equal(fr_mkdirs("", 0755), -ENOENT);
}

static void removing_does_not_follow_links(void **state)
{
    (void)state;
    assert_int_equal(fr_mkdirs(at("keep/inner"), 0700), 0);
    write_text(at("keep/file"), "precious", 0600);
    assert_int_equal(fr_mkdirs(at("tree/deep"), 0700), 0);
    assert_int_equal(symlink("../keep", at("tree/to-keep")), 0);
    assert_int_equal(symlink(at("keep/file"), at("tree/deep/to-file")), 0);
    assert_int_equal(symlink("nowhere", at("tree/dangling")), 0);
    assert_int_equal(fr_remove_tree(at("tree")), 0);
    assert_false(there(at("tree")));
    assert_content(at("keep/file"), "precious");
    /* A link itself, also with a slash behind it. */
    assert_int_equal(symlink("keep", at("link-to-keep")), 0);
    assert_int_equal(fr_remove_tree(at("link-to-keep/")), 0);
    assert_false(there(at("link-to-keep")));
    assert_content(at("keep/file"), "precious");
}

static void removing_takes_files_and_what_is_not_there(void **state)
{
    (void)state;
    write_text(at("single"), "x", 0400);
    assert_int_equal(fr_remove_tree(at("single")), 0);
    assert_false(there(at("single")));
    assert_int_equal(fr_remove_tree(at("single")), 0);
    assert_int_equal(fr_remove_tree("/"), -EINVAL);
    assert_int_equal(fr_remove_tree(""), -EINVAL);
    assert_int_equal(fr_remove_tree(at("keep/..")), -EINVAL);
    assert_int_equal(fr_remove_tree(at(".")), -EINVAL);
}

/* What belongs to others stays and is an error; the rest goes. */
static void what_cannot_be_removed_is_told(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(chmod(top, 0777), 0);
    assert_int_equal(fr_mkdirs(at("mixed/theirs"), 0755), 0);
    write_text(at("mixed/theirs/file"), "x", 0644);
    assert_int_equal(chmod(at("mixed"), 0777), 0);
    be_nobody();
    write_text(at("mixed/ours"), "x", 0644);
    int err = fr_remove_tree(at("mixed"));
    int single = fr_remove_tree(at("mixed/theirs/file"));
    be_myself();
    assert_int_equal(err, -EACCES);
    assert_int_equal(single, -EACCES);
    assert_false(there(at("mixed/ours")));
    assert_content(at("mixed/theirs/file"), "x");
}

static void removing_takes_folders_without_rights(void **state)
{
    (void)state;
    assert_int_equal(chmod(top, 0777), 0);
    be_nobody();
    assert_int_equal(fr_mkdirs(at("closed/a/b"), 0700), 0);
    write_text(at("closed/a/file"), "x", 0600);
    write_text(at("closed/a/b/file"), "x", 0600);
    assert_int_equal(chmod(at("closed/a/b"), 0), 0);
    assert_int_equal(chmod(at("closed/a"), 0500), 0);
    int err = fr_remove_tree(at("closed"));
    be_myself();
    assert_int_equal(err, 0);
    assert_false(there(at("closed")));
}

/* Two chains of folders in one tree, each far deeper than there are descriptors or stack for. */
static void removing_takes_trees_of_any_depth(void **state)
{
    (void)state;
    enum { DEPTH = 3000 };
    for (int chain = 0; chain < 2; chain++) {
        assert_int_equal(fr_mkdirs(at(chain ? "deep/two" : "deep/one"), 0700), 0);
        int fd =
            fr_open(at(chain ? "deep/two" : "deep/one"), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
        for (int i = 0; i < DEPTH; i++) {
            assert_int_equal(mkdirat(fd, "d", 0700), 0);
            int next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            assert_true(next >= 0);
            fr_close(&fd);
            fd = next;
        }
        fr_close(&fd);
    }
    assert_int_equal(fr_remove_tree(at("deep")), 0);
    assert_false(there(at("deep")));
}

static void assert_join(const char *base, const char *path, const char *expected)
{
    char *joined = fr_path_join(base, path);
    assert_string_equal(joined, expected);
    free(joined);
}

static void paths_are_joined_and_cleaned(void **state)
{
    (void)state;
    assert_join("/a/b", "c", "/a/b/c");
    assert_join("/a/b/", "./c//d/", "/a/b/c/d");
    assert_join("/a/b", "../c", "/a/c");
    assert_join("/a/b", "../../../c", "/c");
    assert_join("/a/b", "/x/../y/.", "/y");
    assert_join("/a/b", "", "/a/b");
    assert_join("/", "", "/");
    assert_join("/", "..", "/");
    assert_join("/a", "...", "/a/...");
    assert_join("/a", "..b", "/a/..b");
    assert_join("/a/./b/..", "c", "/a/c");
    assert_join("//a", "b", "/a/b");
    char *cwd = getcwd(NULL, 0);
    char *joined = fr_path_join("x", "y");
    assert_int_equal(strncmp(joined, cwd, strlen(cwd)), 0);
    assert_string_equal(joined + strlen(cwd), strcmp(cwd, "/") == 0 ? "x/y" : "/x/y");
    free(joined);
    joined = fr_path_join(NULL, ".");
    assert_string_equal(joined, cwd);
    free(joined);
    free(cwd);
}

static void names_and_endings_are_found(void **state)
{
    (void)state;
    assert_string_equal(fr_path_base("/a/b.yaml"), "b.yaml");
    assert_string_equal(fr_path_base("b"), "b");
    assert_string_equal(fr_path_base("a/"), "");
    assert_string_equal(fr_path_ext("/a.d/b.tar.gz"), ".gz");
    assert_null(fr_path_ext("/a.d/b"));
    assert_null(fr_path_ext(".bashrc"));
    assert_null(fr_path_ext("a."));
    assert_null(fr_path_ext(".."));
    assert_string_equal(fr_path_ext("..a.b"), ".b");
}

static void assert_found(const char *name, const char *path, const char *cwd, const char *expected)
{
    char *found = fr_find_program(name, path, cwd);
    if (expected) {
        assert_non_null(found);
        assert_string_equal(found, expected);
    } else {
        assert_null(found);
    }
    free(found);
}

static void programs_are_found_on_the_path(void **state)
{
    (void)state;
    assert_int_equal(fr_mkdirs(at("p1/tool"), 0755), 0);
    assert_int_equal(fr_mkdirs(at("p2"), 0755), 0);
    write_text(at("p1/plain"), "", 0644);
    write_text(at("p2/tool"), "#!/bin/sh\n", 0755);
    write_text(at("p2/plain"), "#!/bin/sh\n", 0755);
    char path[512];
    (void)snprintf(path, sizeof(path), "/nonexistent:%s:%s", at("p1"), at("p2"));
    assert_found("tool", path, "/", at("p2/tool"));
    assert_found("plain", path, "/", at("p2/plain"));
    assert_found("other", path, "/", NULL);
    assert_found("", path, "/", NULL);
    assert_found("tool", "", at("p2"), at("p2/tool"));
    assert_found("tool", "/nonexistent::", at("p2"), at("p2/tool"));
    assert_found("tool", "p1:p2", top, at("p2/tool"));
    assert_found("./tool", path, at("p2"), at("p2/tool"));
    assert_found("p2/tool", "", top, at("p2/tool"));
    assert_found("p1/tool", path, top, NULL);
    assert_found(at("p2/tool"), NULL, "/", at("p2/tool"));
    assert_found(at("p1/plain"), NULL, "/", NULL);
    char *sh = fr_find_program("sh", NULL, "/");
    assert_non_null(sh);
    free(sh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_are_close_on_exec),
        cmocka_unit_test(a_full_pipe_is_waited_for),
        cmocka_unit_test(no_descriptor_left_is_an_error),
        cmocka_unit_test(a_big_file_needs_no_growing),
        cmocka_unit_test(reading_respects_the_ceiling_to_the_byte),
        cmocka_unit_test(a_file_is_written_whole_or_not_at_all),
        cmocka_unit_test(a_failed_write_leaves_nothing),
        cmocka_unit_test(a_file_of_ones_own_takes_the_place_of_a_link),
        cmocka_unit_test(a_link_stays_a_link_when_its_file_is_replaced),
        cmocka_unit_test(a_link_to_a_file_that_is_not_there_makes_it),
        cmocka_unit_test(a_file_keeps_its_mode_when_it_is_replaced),
        cmocka_unit_test(a_device_is_written_to_and_not_replaced),
        cmocka_unit_test(folders_are_made_with_their_parents),
        cmocka_unit_test(removing_does_not_follow_links),
        cmocka_unit_test(removing_takes_files_and_what_is_not_there),
        cmocka_unit_test(removing_takes_folders_without_rights),
        cmocka_unit_test(what_cannot_be_removed_is_told),
        cmocka_unit_test(removing_takes_trees_of_any_depth),
        cmocka_unit_test(paths_are_joined_and_cleaned),
        cmocka_unit_test(names_and_endings_are_found),
        cmocka_unit_test(programs_are_found_on_the_path),
    };
    return cmocka_run_group_tests(tests, make_top, drop_top);
}
