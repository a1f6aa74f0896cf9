/* Puts together who watches a run: lines or a live view, and a person at the terminal. They share it: what shows the run
 * makes room for questions, and the questions for its lines. */
#include "watching.h"

#include <unistd.h>

#include "flowrun/ui/ask.h"
#include "flowrun/ui/screen.h"

void watching_begin(struct watching *watching, enum fr_log_mode mode, bool color, bool view,
                    const struct fr_mask *mask, const struct fr_ci *ci, struct fr_guard *guard)
{
    *watching = (struct watching){.lines = fr_progress_new(STDERR_FILENO, mode, color, mask)};
    fr_progress_ci(watching->lines, ci);
    watching->terminal = fr_ask_new(color, mask, watching->lines);
    watching->sink = watching->lines;
    if (watching->terminal)
        fr_progress_share(watching->lines, fr_ask_make_room, watching->terminal);
    if (!view || ci->kind != FR_CI_NONE || !fr_screen_fits(STDERR_FILENO, mode))
        return;
    struct fr_screen_options options = {.fd = STDERR_FILENO,
                                        .color = color,
                                        .mask = mask,
                                        .lines = watching->lines,
                                        .taken = watching->terminal ? fr_ask_is_open : NULL,
                                        .taken_arg = watching->terminal};
    watching->sink = watching->screen = fr_screen_new(&options);
    guard->before_stop = fr_screen_make_room;
    guard->before_stop_arg = watching->screen;
    if (watching->terminal)
        fr_ask_share(watching->terminal, fr_screen_make_room, watching->screen);
}

uint32_t watching_askers(struct watching *watching, struct fr_asker *shells,
                         struct fr_answers *answers, struct fr_asker *askers[3])
{
    uint32_t count = 0;
    watching->file = answers ? fr_answers_asker_new(answers) : NULL;
    if (shells)
        askers[count++] = shells;
    if (watching->file)
        askers[count++] = watching->file;
    if (watching->terminal)
        askers[count++] = watching->terminal;
    return count;
}

void watching_end(struct watching *watching)
{
    fr_screen_free(watching->screen);
    fr_progress_free(watching->lines);
    fr_ask_free(watching->terminal);
    fr_answers_asker_free(watching->file);
}
