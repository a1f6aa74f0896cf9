/* The files that a run made: pictures, sound and films where a browser can show them, links to all others. Small ones are
 * within the page, as long as they are what was recorded; SVG never, since it is a program's language, too. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "flowrun/base/fd.h"
#include "flowrun/base/sha256.h"
#include "html.h"

enum { SHOWN_MAX = 200, LISTED_MAX = 2000 };

/* How a browser shows a medium. */
enum medium { MEDIUM_NONE, MEDIUM_IMAGE, MEDIUM_AUDIO, MEDIUM_VIDEO };

struct gallery {
    const struct fr_story *story;
    struct fr_buf *out;
    uint64_t left; /* bytes that may still come into the page */
    uint32_t shown, listed, total;
};

static enum medium medium_of(const char *type)
{
    static const struct {
        const char *type;
        enum medium medium;
    } known[] = {
        {"image/png", MEDIUM_IMAGE},  {"image/jpeg", MEDIUM_IMAGE}, {"image/gif", MEDIUM_IMAGE},
        {"image/webp", MEDIUM_IMAGE}, {"image/avif", MEDIUM_IMAGE}, {"image/bmp", MEDIUM_IMAGE},
        {"audio/mpeg", MEDIUM_AUDIO}, {"audio/wav", MEDIUM_AUDIO},  {"audio/x-wav", MEDIUM_AUDIO},
        {"audio/ogg", MEDIUM_AUDIO},  {"audio/opus", MEDIUM_AUDIO}, {"audio/flac", MEDIUM_AUDIO},
        {"audio/aac", MEDIUM_AUDIO},  {"audio/mp4", MEDIUM_AUDIO},  {"audio/webm", MEDIUM_AUDIO},
        {"video/mp4", MEDIUM_VIDEO},  {"video/webm", MEDIUM_VIDEO}, {"video/ogg", MEDIUM_VIDEO}};
    for (size_t i = 0; type && i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].type, type) == 0)
            return known[i].medium;
    return MEDIUM_NONE;
}

/* Reads a file that is still what was recorded; false when it is not, or larger than the page takes. */
static bool read_artifact(const struct fr_story_artifact *artifact, uint64_t max,
                          struct fr_buf *bytes)
{
    struct stat st;
    struct fr_sha256 sha;
    char hex[65];
    bool same = false;
    int fd = fr_open(artifact->path, O_RDONLY | O_NONBLOCK, 0);
    if (fd < 0)
        return false;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == artifact->size &&
        (uint64_t)st.st_size <= max && fr_read_all(fd, bytes) == 0) {
        fr_sha256_init(&sha);
        fr_sha256_add(&sha, bytes->data, bytes->len);
        fr_sha256_hex(&sha, hex);
        same = bytes->len && artifact->sha256 && strcmp(hex, artifact->sha256) == 0;
    }
    fr_close(&fd);
    return same;
}

/* What is there instead of the file. */
static const char *state_of(const struct fr_story_artifact *artifact)
{
    struct stat st;
    if (stat(artifact->path, &st) != 0)
        return "It is no longer there.";
    if (!S_ISREG(st.st_mode) || st.st_size != artifact->size)
        return "It has changed since the run.";
    return NULL;
}

/* Appends the thing itself, within the page; false when it does not fit: what a page loads from elsewhere may not be there
 * where it is read. */
static bool add_medium(struct gallery *gallery, const struct fr_story_artifact *artifact,
                       enum medium medium)
{
    struct fr_buf bytes;
    uint64_t max = gallery->left < HTML_INLINE_MAX ? gallery->left : HTML_INLINE_MAX;
    static const char *const begin[] = {
        [MEDIUM_IMAGE] = "<img loading=\"lazy\" alt=\"",
        [MEDIUM_AUDIO] = "<audio controls=\"controls\" preload=\"none\" aria-label=\"",
        [MEDIUM_VIDEO] = "<video controls=\"controls\" preload=\"none\" aria-label=\""};
    static const char *const end[] = {
        [MEDIUM_IMAGE] = "\"/>", [MEDIUM_AUDIO] = "\"></audio>", [MEDIUM_VIDEO] = "\"></video>"};
    if (artifact->size <= 0 || (uint64_t)artifact->size > max)
        return false;
    fr_buf_init(&bytes, HTML_INLINE_MAX);
    bool good = read_artifact(artifact, max, &bytes);
    if (good) {
        fr_buf_str(gallery->out, "<figure>\n");
        fr_buf_str(gallery->out, begin[medium]);
        html_text(fr_path_base(artifact->path), gallery->out);
        fr_buf_str(gallery->out, "\" src=\"data:");
        html_text(artifact->media_type, gallery->out);
        fr_buf_str(gallery->out, ";base64,");
        html_base64(bytes.data, bytes.len, gallery->out);
        fr_buf_str(gallery->out, end[medium]);
        fr_buf_char(gallery->out, '\n');
        gallery->left -= bytes.len;
    }
    fr_buf_release(&bytes);
    return good;
}

/* Appends the size for people. */
static void add_size(int64_t size, struct fr_buf *out)
{
    if (size < 1024)
        fr_buf_printf(out, "%lld %s", (long long)size, html_count((uint64_t)size, "byte", "bytes"));
    else if (size < 1024 * 1024L)
        fr_buf_printf(out, "%.1f KiB", (double)size / 1024);
    else
        fr_buf_printf(out, "%.1f MiB", (double)size / (1024 * 1024));
}

static void add_artifact(struct gallery *gallery, uint32_t step,
                         const struct fr_story_artifact *artifact)
{
    struct fr_buf *out = gallery->out;
    if (gallery->listed++ >= LISTED_MAX)
        return;
    const char *state = state_of(artifact);
    enum medium medium = state ? MEDIUM_NONE : medium_of(artifact->media_type);
    if (!medium || gallery->shown >= SHOWN_MAX || !add_medium(gallery, artifact, medium))
        fr_buf_str(out, "<figure class=\"bare\">\n");
    else
        gallery->shown++;
    fr_buf_str(out, "<figcaption>");
    if (!state) {
        fr_buf_str(out, "<a href=\"");
        html_href(artifact->path,
                  gallery->story->page_folder ? gallery->story->page_folder : gallery->story->cwd,
                  out);
        fr_buf_str(out, "\" rel=\"noreferrer\">");
    }
    fr_buf_str(out, "<bdi>");
    html_text(fr_path_base(artifact->path), out);
    fr_buf_str(out, state ? "</bdi>" : "</bdi></a>");
    fr_buf_printf(out, " <span class=\"quiet\">of <a href=\"#s%u\"><bdi>", step);
    html_text(gallery->story->steps[step].id, out);
    fr_buf_str(out, "</bdi></a>, ");
    html_text(artifact->media_type, out);
    fr_buf_str(out, ", ");
    add_size(artifact->size, out);
    fr_buf_str(out, "</span><br/><code>");
    html_text(artifact->path, out);
    fr_buf_str(out, "</code>");
    if (state)
        fr_buf_printf(out, " <strong>%s</strong>", state);
    fr_buf_str(out, "</figcaption>\n</figure>\n");
}

void html_artifacts(const struct fr_story *story, struct fr_buf *out)
{
    struct gallery gallery = {.story = story, .out = out, .left = HTML_INLINES_MAX};
    for (uint32_t i = 0; i < story->step_count; i++) {
        const struct fr_story_step *step = &story->steps[i];
        if (step->container || !step->artifact_count)
            continue;
        if (!gallery.total)
            fr_buf_str(out, "<section id=\"artifacts\" aria-labelledby=\"artifacts-h\">\n"
                            "<h2 id=\"artifacts-h\">Artifacts</h2>\n<div class=\"gallery\">\n");
        gallery.total += step->artifact_count;
        for (uint32_t a = 0; a < step->artifact_count; a++)
            add_artifact(&gallery, i, &step->artifacts[a]);
    }
    if (!gallery.total)
        return;
    fr_buf_str(out, "</div>\n");
    if (gallery.total > LISTED_MAX)
        fr_buf_printf(out, "<p>The first %d of %u are listed.</p>\n", LISTED_MAX, gallery.total);
    fr_buf_str(out, "</section>\n");
}
