/* The report's style and script, taken into the program as the files they are, so that they can be read and checked as
 * such. The assembler reads them when this file is compiled; the Makefile tells which they are. Constant. */
#include "html.h"

#include <stdint.h>

/* Puts files one behind the other between two symbols. */
#define BEGIN(name) ".global " name "\n" name ":\n"
#define FILE_OF(name) ".incbin \"src/ui/" name "\"\n"

__asm__(".pushsection .rodata\n" BEGIN("html_css_begin") FILE_OF("report.css") BEGIN("html_css_end")
            BEGIN("html_script_begin") FILE_OF("report_base.js") FILE_OF("report_log.js")
                FILE_OF("report_step.js") FILE_OF("report_table.js") FILE_OF("report_timeline.js")
                    FILE_OF("report_main.js") BEGIN("html_script_end") ".byte 0\n"
                                                                       ".popsection\n");

extern const char html_css_begin[] __attribute__((visibility("hidden")));
extern const char html_css_end[] __attribute__((visibility("hidden")));
extern const char html_script_begin[] __attribute__((visibility("hidden")));
extern const char html_script_end[] __attribute__((visibility("hidden")));

/* From one symbol to the next: for the compiler they are objects of their own, so that addresses are subtracted. */
static struct html_file between(const char *begin, const char *end)
{
    return (struct html_file){begin, (size_t)((uintptr_t)end - (uintptr_t)begin)};
}

struct html_file html_css(void)
{
    return between(html_css_begin, html_css_end);
}

struct html_file html_script(void)
{
    return between(html_script_begin, html_script_end);
}
