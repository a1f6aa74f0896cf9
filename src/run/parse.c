/* How stdout becomes a step's output: text, json, lines, jsonl. What was spilled to a
 * file stays there as text and is read back for the other forms. Coordinator thread. */
#include "parse.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/str.h"
#include "value.h"

enum { EXCERPT = 40, KEPT_PARSED = 64 << 10 };

/* Drops one newline at the end of a file; its new size. */
static size_t trim_file(const char *path, size_t size)
{
    char last = 0;
    int fd = fr_open(path, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0)
        return size;
    if (size > 0 && pread(fd, &last, 1, (off_t)size - 1) == 1 && last == '\n' &&
        ftruncate(fd, (off_t)size - 1) == 0)
        size--;
    fr_close(&fd);
    return size;
}

/* Text: one trailing newline is dropped. */
static struct fr_value *parse_text(struct fr_report *report)
{
    if (report->out_path) {
        char *path = report->out_path;
        report->out_path = NULL;
        return fr_value_file(path, trim_file(path, report->out_len));
    }
    char *text = report->out;
    size_t len = report->out_len;
    report->out = NULL;
    if (!text)
        len = 0;
    if (len > 0 && text[len - 1] == '\n')
        text[--len] = '\0';
    return fr_value_text(text, len);
}

void parse_excerpt(const char *text, size_t len, size_t max, bool more, struct fr_buf *out)
{
    size_t cut = fr_utf8_first(text, len, max);
    fr_json_write_str(text, cut, out);
    if (cut == len && !more)
        return;
    out->len--;
    fr_buf_str(out, "…\"");
}

/* Appends what stands at the beginning of the text, for a message. */
static void add_excerpt(const char *text, size_t len, struct fr_buf *why)
{
    const char *newline = memchr(text, '\n', len);
    size_t line = newline ? (size_t)(newline - text) : len;
    parse_excerpt(text, line, EXCERPT, line < len, why);
}

/* Says why text is not JSON. */
static void explain(const char *what, const char *reason, const char *text, size_t len,
                    struct fr_buf *why)
{
    size_t blank = len ? strspn(text, " \t\r\n") : 0;
    if (blank >= len) {
        fr_buf_printf(why, "%s is empty, but must be JSON", what);
        return;
    }
    fr_buf_printf(why, "%s is not JSON: %s; it begins with ", what, reason);
    add_excerpt(text + blank, len - blank, why);
}

/* json: exactly one value. Its text is kept, so that it reaches the next step digit for digit. */
static struct fr_value *parse_json(char *text, size_t len, struct fr_buf *why)
{
    struct json_object *object = NULL;
    char reason[160] = "";
    bool parsed = len <= KEPT_PARSED;
    if (!fr_json_parse(text, len, parsed ? &object : NULL, reason, sizeof(reason))) {
        explain("stdout", reason, text, len, why);
        free(text);
        return NULL;
    }
    if (!parsed)
        return fr_value_json_text(text, len);
    free(text);
    return fr_value_json(object);
}

/* The end of the line at `at`. */
static size_t line_end(const char *text, size_t len, size_t at)
{
    const char *newline = memchr(text + at, '\n', len - at);
    return newline ? (size_t)(newline - text) : len;
}

/* Ends a list that is written as text. A line's bytes that are no UTF-8 are in it as they came: only writing it as JSON
 * replaces them. */
static struct fr_value *end_list(struct fr_buf *list)
{
    size_t len = 0;
    fr_buf_char(list, ']');
    if (list->overflow)
        abort();
    char *data = fr_buf_take(list, &len);
    return value_json_compact(data, len);
}

/* lines: a list of strings. As text it takes a few bytes more than stdout, as objects many times that. */
static struct fr_value *parse_lines(const char *text, size_t len)
{
    struct fr_buf list;
    fr_buf_init(&list, 0);
    fr_buf_char(&list, '[');
    for (size_t at = 0; at < len;) {
        size_t end = line_end(text, len, at);
        if (at > 0)
            fr_buf_char(&list, ',');
        fr_json_write_bytes(text + at, end - at, &list);
        at = end + 1;
    }
    return end_list(&list);
}

/* Whether a value is nested more than so many levels deep. */
static bool is_deeper(const struct json_object *value, unsigned levels)
{
    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; levels && i < json_object_array_length(value); i++)
            if (is_deeper(json_object_array_get_idx(value, i), levels - 1))
                return true;
        return levels == 0;
    }
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, key, item)
        {
            (void)key;
            if (levels == 0 || is_deeper(item, levels - 1))
                return true;
        }
        return levels == 0;
    }
    return false;
}

/* Whether a line of jsonl has no value. A newline or the end of the text stands behind it. */
static bool is_blank(const char *line, size_t len)
{
    return strspn(line, " \t\r") >= len;
}

/* The same as objects, of lines that were all found to be JSON. */
static struct fr_value *jsonl_objects(const char *text, size_t len)
{
    struct json_object *list = json_object_new_array();
    for (size_t at = 0; at < len;) {
        size_t end = line_end(text, len, at);
        struct json_object *object = NULL;
        if (!is_blank(text + at, end - at)) {
            fr_json_parse(text + at, end - at, &object, NULL, 0);
            json_object_array_add(list, object);
        }
        at = end + 1;
    }
    return fr_value_json(list);
}

/* Adds the value of one line to the text of a list; false when it is no JSON. *deep: the list could not be read back. */
static bool add_jsonl(const char *line, size_t len, struct fr_buf *list, bool *deep, char *reason,
                      size_t size)
{
    struct json_object *object = NULL;
    if (!fr_json_parse(line, len, &object, reason, size))
        return false;
    *deep = *deep || is_deeper(object, FR_JSON_DEPTH - 2);
    if (list->len > 1)
        fr_buf_char(list, ',');
    if (fr_utf8_valid(line, len))
        fr_json_write(object, list);
    else
        fr_buf_add(list, line, len);
    json_object_put(object);
    return true;
}

/* jsonl: a list of the values of its lines; empty lines are passed over. It is kept as text, line by line as we write
 * JSON, so that no more than one of them is an object at a time. */
static struct fr_value *parse_jsonl(const char *text, size_t len, struct fr_buf *why)
{
    struct fr_buf list;
    unsigned number = 0;
    bool deep = false;
    fr_buf_init(&list, 0);
    fr_buf_char(&list, '[');
    for (size_t at = 0; at < len;) {
        size_t end = line_end(text, len, at);
        char reason[160] = "", what[48];
        number++;
        if (!is_blank(text + at, end - at) &&
            !add_jsonl(text + at, end - at, &list, &deep, reason, sizeof(reason))) {
            snprintf(what, sizeof(what), "line %u of stdout", number);
            explain(what, reason, text + at, end - at, why);
            fr_buf_release(&list);
            return NULL;
        }
        at = end + 1;
    }
    if (!deep)
        return end_list(&list);
    fr_buf_release(&list);
    return jsonl_objects(text, len);
}

/* All of stdout in memory, taken from the report; NULL when it does not fit. */
static char *take_text(struct fr_report *report, size_t *len, struct fr_buf *why)
{
    struct fr_buf buf;
    char *text = report->out;
    *len = report->out_len;
    report->out = NULL;
    if (!report->out_path)
        return text ? text : calloc(1, 1);
    fr_buf_init(&buf, FR_VALUE_PARSE_LIMIT);
    int err = fr_read_file(report->out_path, &buf);
    unlink(report->out_path);
    free(report->out_path);
    report->out_path = NULL;
    if (!err)
        return fr_buf_take(&buf, len);
    fr_buf_release(&buf);
    fr_buf_printf(why, "stdout has %zu bytes, and more than %d MB are kept as text only",
                  report->out_len, FR_VALUE_PARSE_LIMIT >> 20);
    return NULL;
}

/* Makes the value. */
struct fr_value *parse_output(enum fr_output form, struct fr_report *report, struct fr_buf *why)
{
    struct fr_value *value = NULL;
    size_t len = 0;
    if (form == FR_OUTPUT_TEXT)
        return parse_text(report);
    if (form == FR_OUTPUT_NONE)
        return fr_value_null();
    char *text = take_text(report, &len, why);
    if (!text)
        return NULL;
    if (form == FR_OUTPUT_JSON)
        return parse_json(text, len, why);
    value = form == FR_OUTPUT_LINES ? parse_lines(text, len) : parse_jsonl(text, len, why);
    free(text);
    return value;
}

/* What a file holds, by its ending. */
const char *media_type(const char *path)
{
    static const char *const types[][2] = {
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".webp", "image/webp"},
        {".gif", "image/gif"},
        {".svg", "image/svg+xml"},
        {".bmp", "image/bmp"},
        {".tif", "image/tiff"},
        {".tiff", "image/tiff"},
        {".avif", "image/avif"},
        {".mp3", "audio/mpeg"},
        {".wav", "audio/wav"},
        {".ogg", "audio/ogg"},
        {".opus", "audio/opus"},
        {".flac", "audio/flac"},
        {".m4a", "audio/mp4"},
        {".aac", "audio/aac"},
        {".mp4", "video/mp4"},
        {".webm", "video/webm"},
        {".mkv", "video/x-matroska"},
        {".mov", "video/quicktime"},
        {".avi", "video/x-msvideo"},
        {".srt", "application/x-subrip"},
        {".vtt", "text/vtt"},
        {".txt", "text/plain"},
        {".md", "text/markdown"},
        {".csv", "text/csv"},
        {".tsv", "text/tab-separated-values"},
        {".html", "text/html"},
        {".htm", "text/html"},
        {".css", "text/css"},
        {".js", "text/javascript"},
        {".xml", "application/xml"},
        {".json", "application/json"},
        {".jsonl", "application/jsonl"},
        {".yaml", "application/yaml"},
        {".yml", "application/yaml"},
        {".pdf", "application/pdf"},
        {".zip", "application/zip"},
        {".gz", "application/gzip"},
        {".tar", "application/x-tar"},
        {".xz", "application/x-xz"},
    };
    const char *ext = fr_path_ext(path);
    for (size_t i = 0; ext && i < sizeof(types) / sizeof(types[0]); i++)
        if (strcasecmp(ext, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

/* The artifact of a file that is in place. */
struct json_object *artifact_json(const char *path, int64_t size, const char *sha256)
{
    return fr_json_artifact(path, media_type(path), size, sha256);
}
