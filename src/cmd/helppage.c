/* `flowrun help COMMAND`: usage, options, exit codes and examples of one command. Main thread. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "editor.h"
#include "options.h"

enum { WIDTH = 80, COLUMN = 31, INLINE_WORDS = 40 };

/* What exit codes mean; `key` is their character in struct page.codes. */
static const struct {
    char key;
    const char *code, *meaning;
} codes[] = {
    {'0', "0", "success"},
    {'f', "1", "a step failed, or a file or the record could not be written"},
    {'w', "1", "something could not be read or written"},
    {'2', "2", "bad usage, or what was named is not there"},
    {'3', "3", "the workflow is invalid"},
    {'4', "4", "a type, model, file, program or variable that it needs is missing"},
    {'5', "5", "the budget would be passed"},
    {'7', "75", "suspended: steps wait for a person, and nothing else can go on"},
    {'t', "124", "the run timed out"},
    {'s', "129, 130, 131, 143", "ended by HUP, INT, QUIT or TERM"},
};

#define OF_A_RUN "0f23457ts"
#define OF_A_FILE "0w234"
#define OF_THE_STORE "0w2"

/* What else is told of a command. One that is not here ends with 0, 1 or 2. */
static const struct page {
    const char *name, *codes, *examples;
    void (*list)(void); /* what else there is to choose from; NULL = nothing */
} pages[] = {
    {"run", OF_A_RUN,
     "  flowrun report.yaml --input @orders.json -s month=2026-05\n"
     "  flowrun --log quiet report.yaml | jq .total\n"
     "  flowrun report.yaml --from merge\n",
     NULL},
    {"validate", OF_A_FILE, "  flowrun validate workflows/*.yaml\n", NULL},
    {"plan", OF_A_FILE, "  flowrun plan report.yaml -s month=2026-05\n", NULL},
    {"graph", OF_A_FILE,
     "  flowrun graph --format dot report.yaml | dot -Tsvg >report.svg\n"
     "  flowrun graph last\n",
     NULL},
    {"convert", OF_A_FILE, "  flowrun convert old.yaml >new.yaml\n", NULL},
    {"types", OF_A_FILE, "  flowrun types --catalog catalog/offline.yaml\n", NULL},
    {"runs", OF_THE_STORE, "  flowrun runs --status failed --since 2d\n", NULL},
    {"show", OF_THE_STORE, "  flowrun show last\n", NULL},
    {"logs", OF_THE_STORE, "  flowrun logs last fetch\n", NULL},
    {"report", OF_THE_STORE,
     "  flowrun report last --format html -o report.html\n"
     "  flowrun report last --format markdown\n",
     NULL},
    {"approve", OF_A_RUN,
     "  flowrun approve last review --set level=3 --resume\n"
     "  flowrun approve last review --reject --reason 'too expensive'\n",
     NULL},
    {"explain", OF_THE_STORE, "  flowrun explain last deploy\n", NULL},
    {"resume", OF_A_RUN, "  flowrun resume last\n", NULL},
    {"retry", OF_A_RUN, "  flowrun retry last --step fetch\n", NULL},
    {"gc", OF_THE_STORE, "  flowrun gc --keep 100 --older 7d -n\n", NULL},
    {"init", OF_THE_STORE, "  flowrun init --template batch resize.yaml\n", cmd_list_templates},
    {"help", OF_THE_STORE, "  flowrun help run\n  flowrun help key retry_delay\n", NULL},
    {"schema", OF_THE_STORE, "  flowrun schema >workflow.schema.json\n", NULL},
    {"completion", OF_THE_STORE,
     "  source <(flowrun completion bash)\n"
     "  source <(flowrun completion zsh)\n"
     "  flowrun completion fish | source\n",
     NULL},
};

/* The page of a command, or what holds for any. */
static const struct page *find(const struct cmd *cmd)
{
    static const struct page other = {NULL, OF_THE_STORE, NULL, NULL};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (strcmp(pages[i].name, cmd->name) == 0)
            return &pages[i];
    return &other;
}

/* Prints words from a column on, broken before the screen's edge; `at` is where the cursor is. */
static void print_column(const char *text, int at)
{
    int to = at;
    if (at > COLUMN) {
        putchar('\n');
        to = 0;
    }
    printf("%*s", COLUMN - (to ? to - 1 : 0), "");
    to = COLUMN;
    while (*text) {
        int len = (int)strcspn(text, " ");
        if (to > COLUMN && to + 1 + len > WIDTH) {
            printf("\n%*s", COLUMN, "");
            to = COLUMN;
        }
        to += printf("%s%.*s", to > COLUMN ? " " : "", len, text);
        text += len;
        text += strspn(text, " ");
    }
    putchar('\n');
}

/* One option: `-j, --jobs N` and what it does. A long list of words stands in the text. */
static void print_option(const struct cmd_option *option)
{
    bool aside = cmd_is_words(option->arg) && strlen(option->arg) > INLINE_WORDS;
    char letter[8] = "    ", arg[64];
    struct fr_buf text;

    snprintf(arg, sizeof arg, "%s", aside ? option->name : option->arg ? option->arg : "");
    for (char *c = arg; aside && *c; c++)
        *c = (char)toupper((unsigned char)*c);
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    fr_buf_init(&text, 0);
    fr_buf_str(&text, option->help);
    if (aside) {
        fr_buf_str(&text, ": ");
        cmd_add_words(option->arg, &text);
    }
    print_column(fr_buf_cstr(&text),
                 printf("  %s--%s%s%s", letter, option->name, *arg ? " " : "", arg) + 1);
    fr_buf_release(&text);
}

int cmd_help_page(const struct cmd *cmd)
{
    const struct page *page = find(cmd);
    const struct cmd_option *option;
    uint32_t at = 0;

    printf("usage: flowrun %s%s%s%s\n\n%s\n\noptions:\n", cmd->name, *cmd->operands ? " " : "",
           cmd->operands, *cmd->accepts ? " [OPTION...]" : "", cmd->summary);
    while ((option = cmd_option_next(cmd, &at)))
        print_option(option);
    print_column("this text", printf("  -h, --help") + 1);
    if (page->list)
        page->list();
    puts("\nexit codes:");
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strchr(page->codes, codes[i].key))
            printf("  %-18s %s\n", codes[i].code, codes[i].meaning);
    if (page->examples)
        printf("\nexamples:\n%s", page->examples);
    return CMD_OK;
}
