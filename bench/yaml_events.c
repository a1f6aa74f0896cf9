/* Reads a YAML file as libyaml's events and throws them away: the least that reading it can cost.
 *
 *   yaml_events FILE
 *
 * `make bench` compares `flowrun validate` with it. One thread; the file and the parser are its own. */
#include <stdbool.h>
#include <stdio.h>
#include <yaml.h>

/* Takes every event of the parser; false when the file is no YAML. */
static bool drain(yaml_parser_t *parser)
{
    for (;;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            return false;
        }
        bool last = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        if (last) {
            return true;
        }
    }
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "re") : NULL;
    if (!file) {
        fputs("usage: yaml_events FILE\n", stderr);
        return 2;
    }
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        fclose(file);
        return 2;
    }
    yaml_parser_set_input_file(&parser, file);
    bool ok = drain(&parser);
    if (!ok) {
        fprintf(stderr, "yaml_events: %s: %s\n", argv[1], parser.problem);
    }
    yaml_parser_delete(&parser);
    fclose(file);
    return ok ? 0 : 1;
}
