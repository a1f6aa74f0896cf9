/* Here-documents: their delimiters are noted where the operator stands, their bodies
 * read behind the newline. Build thread only. */
#include <string.h>

#include "shlex.h"

static const struct sh_refusal as_delimiter = {"in the delimiter of a here-document",
                                               "write a fixed word there"};

static bool ends_word(char c)
{
    return strchr(" \t\n;&|<>()", c) != NULL;
}

void sh_doc_start(struct sh *sh, bool strip)
{
    const char *start = sh->at;
    struct sh_doc doc = {.strip = strip};
    size_t len = 0;
    char quote = '\0';
    while (sh->at < sh->end && (quote != '\0' || !ends_word(*sh->at))) {
        char c = *sh->at;
        if (sh_expr(sh, true, &as_delimiter)) {
            continue;
        }
        if (quote != '\0' ? c == quote : c == '\'' || c == '"') {
            quote = quote != '\0' ? '\0' : c;
            doc.quoted = true;
        } else if (c == '\\' && quote != '\'' && sh->at + 1 < sh->end) {
            doc.quoted = true;
            sh_take(sh, 1);
            doc.delimiter[len++] = *sh->at;
        } else {
            doc.delimiter[len++] = c;
        }
        sh_take(sh, 1);
        if (len + 1 >= sizeof(doc.delimiter)) {
            sh_fail(sh, start, "the delimiter of a here-document is too long");
        }
    }
    if (sh->doc_count == SH_DOCS) {
        sh_fail(sh, start, "too many here-documents start in one line");
        return;
    }
    sh->docs[sh->doc_count++] = doc;
}

/* Where the line of the delimiter starts; the end of the text when there is none. */
static const char *find_delimiter(struct sh *sh, const struct sh_doc *doc)
{
    size_t len = strlen(doc->delimiter);
    const char *at = sh->at;
    while (at < sh->end) {
        const char *word = at;
        while (doc->strip && word < sh->end && *word == '\t') {
            word++;
        }
        if ((size_t)(sh->end - word) >= len && memcmp(word, doc->delimiter, len) == 0 &&
            (word + len == sh->end || word[len] == '\n')) {
            return at;
        }
        while (at < sh->end && *at != '\n') {
            at = expr_starts(at) ? sh_expr_end(sh, at) : at + 1;
            if (at == NULL) {
                return sh->end;
            }
        }
        at += at < sh->end;
    }
    return sh->end;
}

static void read_body(struct sh *sh, const struct sh_doc *doc)
{
    const char *outer_end = sh->end;
    sh->end = find_delimiter(sh, doc);
    const struct sh_refusal *refusal = doc->quoted ? &sh_in_quoted_doc : sh->refuse;
    while (sh->at < sh->end) {
        bool read = doc->quoted ? sh_expr(sh, true, refusal) : sh_piece(sh, SH_QUOTED, refusal);
        if (!read) {
            sh_take(sh, 1);
        }
    }
    sh->end = outer_end;
    if (sh->broken) {
        sh->at = outer_end;
        return;
    }
    while (sh->at < sh->end && *sh->at != '\n') {
        sh_take(sh, 1);
    }
    sh_take(sh, 1);
}

void sh_doc_bodies(struct sh *sh)
{
    for (unsigned i = sh->doc_base; i < sh->doc_count; i++) {
        struct sh_doc doc = sh->docs[i];
        unsigned base = sh->doc_base;
        sh->doc_base = sh->doc_count; /* a substitution in the body has documents of its own */
        read_body(sh, &doc);
        sh->doc_base = base;
    }
    sh->doc_count = sh->doc_base;
}
