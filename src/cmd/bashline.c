/* A line of bash up to the cursor: its words without their quotes, and what bash will replace of the last. bash hands quotes
 * and the breaks of COMP_WORDBREAKS on as they are. Pure; main thread. */
#include <stdlib.h>
#include <string.h>

#include "complete.h"

struct scan {
    const char *text, *breaks;
    size_t at, len;
    struct bash_line *line;
    struct fr_buf word;
    bool open, aside; /* a word has begun; it is what a redirection names */
};

static void end_word(struct scan *s)
{
    if (!s->open)
        return;
    if (!s->aside) {
        char **grown = realloc(s->line->words, (s->line->count + 1) * sizeof *grown);
        if (!grown)
            abort();
        s->line->words = grown;
        grown[s->line->count++] = fr_buf_take(&s->word, NULL);
    }
    fr_buf_clear(&s->word);
    s->line->from = 0;
    s->line->quote = 0;
    s->line->is_for_bash = false;
    s->open = s->aside = false;
}

/* A character inside of quotes, or behind a backslash. */
static void take(struct scan *s, char c)
{
    fr_buf_char(&s->word, c);
    s->open = true;
}

/* Reads what stands in quotes; the quote stays open when it has no end. */
static void read_quoted(struct scan *s, char quote)
{
    size_t from = s->line->from;
    s->open = true;
    s->line->quote = quote;
    s->line->from = s->word.len;
    while (++s->at < s->len) {
        char c = s->text[s->at];
        if (c == quote) {
            s->line->quote = 0;
            s->line->from = from;
            s->at++;
            return;
        }
        if (quote == '"' && (c == '$' || c == '`'))
            s->line->is_for_bash = true;
        if (quote == '"' && c == '\\' && s->at + 1 < s->len && strchr("\"\\$`", s->text[s->at + 1]))
            c = s->text[++s->at];
        take(s, c);
    }
}

/* A redirection: neither its sign nor what it names is a word of the command. */
static void read_redirection(struct scan *s)
{
    s->open = s->open && s->word.data && strspn(s->word.data, "0123456789&") != s->word.len;
    if (!s->open)
        fr_buf_clear(&s->word);
    end_word(s);
    while (s->at < s->len && strchr("<>&|", s->text[s->at]))
        s->at++;
    while (s->at < s->len && strchr(" \t\n", s->text[s->at]))
        s->at++;
    s->open = s->aside = s->line->is_for_bash = true;
}

/* Reads one character, or what begins with it. */
static void read_next(struct scan *s)
{
    char c = s->text[s->at];
    if (strchr(" \t\n", c)) {
        end_word(s);
    } else if (c == '\'' || c == '"') {
        read_quoted(s, c);
        return;
    } else if (c == '<' || c == '>') {
        read_redirection(s);
        return;
    } else if (c == '\\') {
        if (s->at + 1 < s->len)
            take(s, s->text[++s->at]);
        s->open = true;
    } else {
        take(s, c);
        if (c == '$' || c == '`')
            s->line->is_for_bash = true;
        if (strchr(s->breaks, c)) /* bash takes @ for the beginning of a word */
            s->line->from = s->word.len - (c == '@');
    }
    s->at++;
}

void bash_line_read(const char *text, size_t len, const char *breaks, struct bash_line *out)
{
    struct scan s = {.text = text, .len = len, .breaks = breaks, .line = out};
    memset(out, 0, sizeof *out);
    fr_buf_init(&s.word, 0);
    while (s.at < s.len)
        read_next(&s);
    size_t from = out->from;
    char quote = out->quote;
    bool is_for_bash = out->is_for_bash;
    s.open = true; /* behind a space the word is empty */
    s.aside = false;
    end_word(&s);
    out->from = from;
    out->quote = quote;
    out->is_for_bash = is_for_bash;
    fr_buf_release(&s.word);
}

void bash_line_release(struct bash_line *line)
{
    for (size_t i = 0; i < line->count; i++)
        free(line->words[i]);
    free(line->words);
    memset(line, 0, sizeof *line);
}

/* One character that means something, inside of a quote or outside. */
static void quote_char(char c, char quote, struct fr_buf *out)
{
    if (quote == '\'')
        fr_buf_str(out, c == '\'' ? "'\\''" : (char[]){c, '\0'});
    else if (quote == '"' && c == '!')
        fr_buf_str(out, "\"\\!\"");
    else if (quote == '"' && !strchr("\"\\$`", c))
        fr_buf_char(out, c);
    else
        fr_buf_printf(out, "\\%c", c);
}

bool bash_quote(const char *text, char quote, struct fr_buf *out)
{
    for (const char *c = text; *c; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || (unsigned char)*c >= 0x80 ||
                     strchr("_./:=@%+,-", *c);
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return false;
        if (plain)
            fr_buf_char(out, *c);
        else
            quote_char(*c, quote, out);
    }
    return true;
}
