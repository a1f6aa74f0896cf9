/* The map: order, replacing, keys by length, many keys, suggestions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "flowrun/base/arena.h"
#include "flowrun/base/map.h"

static void an_empty_map_knows_nothing(void **state)
{
    (void)state;
    struct fr_map map;
    fr_map_init(&map);
    assert_null(fr_map_get(&map, "a"));
    assert_null(fr_map_get(&map, ""));
    assert_null(fr_map_suggest(&map, "a"));
    fr_map_release(&map);
}

static void entries_keep_their_order_and_place(void **state)
{
    (void)state;
    struct fr_map map;
    int a = 0;
    int b = 0;
    int c = 0;
    fr_map_init(&map);
    assert_null(fr_map_put(&map, "zeta", &a));
    assert_null(fr_map_put(&map, "alpha", &b));
    assert_null(fr_map_put(&map, "", &c));
    assert_ptr_equal(fr_map_put(&map, "zeta", &c), &a);
    assert_int_equal(map.count, 3);
    assert_string_equal(map.entries[0].key, "zeta");
    assert_ptr_equal(map.entries[0].value, &c);
    assert_string_equal(map.entries[1].key, "alpha");
    assert_ptr_equal(fr_map_get(&map, ""), &c);
    fr_map_release(&map);
}

static void keys_are_compared_whole(void **state)
{
    (void)state;
    struct fr_map map;
    int a = 0;
    fr_map_init(&map);
    (void)fr_map_put(&map, "step", &a);
    assert_ptr_equal(fr_map_getn(&map, "steps", 4), &a);
    assert_null(fr_map_getn(&map, "steps", 5));
    assert_null(fr_map_getn(&map, "step", 3));
    assert_null(fr_map_getn(&map, "step\0more", 9));
    assert_null(fr_map_get(&map, "Step"));
    fr_map_release(&map);
}

static void a_hundred_thousand_keys_are_found(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    static int values[COUNT];
    struct fr_arena arena;
    struct fr_map map;
    fr_arena_init(&arena);
    fr_map_init(&map);
    for (int i = 0; i < COUNT; i++) {
        assert_null(fr_map_put(&map, fr_format(&arena, "step_%d", i), &values[i]));
    }
    assert_int_equal(map.count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        char key[32];
        (void)snprintf(key, sizeof(key), "step_%d", i);
        assert_ptr_equal(fr_map_get(&map, key), &values[i]);
        assert_string_equal(map.entries[i].key, key);
    }
    assert_null(fr_map_get(&map, "step_100000"));
    assert_string_equal(fr_map_suggest(&map, "setp_4711"), "step_4711");
    fr_map_release(&map);
    fr_arena_release(&arena);
}

static void suggestions_come_from_the_keys(void **state)
{
    (void)state;
    struct fr_map map;
    int a = 0;
    fr_map_init(&map);
    (void)fr_map_put(&map, "fetch", &a);
    (void)fr_map_put(&map, "report", &a);
    assert_string_equal(fr_map_suggest(&map, "reprot"), "report");
    assert_null(fr_map_suggest(&map, "deploy"));
    fr_map_release(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_knows_nothing),
        cmocka_unit_test(entries_keep_their_order_and_place),
        cmocka_unit_test(keys_are_compared_whole),
        cmocka_unit_test(a_hundred_thousand_keys_are_found),
        cmocka_unit_test(suggestions_come_from_the_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
