/* How a secret may be written: forms that are made of its value once, and ways to write any text that are read while
 * text is looked through. Shared by the files mask*.c; pure. */
#ifndef BASE_MASK_FORM_H
#define BASE_MASK_FORM_H

#include <stdbool.h>
#include <stddef.h>

enum mask_kind {
    MASK_PLAIN,  /* units are bytes */
    MASK_BASE64, /* six bits, of both alphabets */
    MASK_HEX     /* four bits, in upper and lower case */
};

enum { MASK_ALL_BITS = 0xff };

struct mask_form {
    enum mask_kind kind;
    unsigned char *units; /* owned by whoever has the form */
    size_t len;
    /* Of the first and the last unit only these bits are the secret's. The others are its neighbours', when it
     * stands inside of a longer text that was encoded; whatever they are, the unit is masked. */
    unsigned char head, tail;
    /* A line may end before each unit whose number and this one are a multiple of `wrap`; 0 = nowhere. */
    unsigned phase, wrap;
    const char *name; /* of the secret whose whole value this is, as it is; borrowed; NULL = none */
};

/* Hands on all forms of a text; the units are the taker's. */
typedef void (*mask_take_fn)(void *arg, const struct mask_form *form);
void mask_forms(const char *text, size_t len, mask_take_fn take, void *arg);

/* Whether a character may stand for a unit of the form. */
bool mask_form_has(const struct mask_form *form, size_t unit, unsigned char c);
/* Whether a form may go on in the next line before this unit. */
bool mask_form_wraps(const struct mask_form *form, size_t unit);

/* A code of terminals, behind its ESC. */
enum { MASK_ESC = 0x1b };
struct mask_code {
    size_t len;         /* bytes that were read of it */
    unsigned char kind; /* the first of them */
    bool closing;       /* an ESC was read that may end it */
};
enum mask_code_step { MASK_CODE_ON, MASK_CODE_OVER, MASK_CODE_NONE };
/* Takes the next byte: the code goes on, is over with it, or is none. */
enum mask_code_step mask_code_step(struct mask_code *code, int c);
/* How many bytes at the beginning of a text are codes. *cut: the text ends inside of one. */
size_t mask_codes(const char *text, size_t len, bool *cut);

/* Characters that may begin or be part of some way to write another one. */
bool mask_is_special(unsigned char c);

/* How many bytes of the text are the form from one of its units on, in any way to write it, with codes of terminals between: 0 = it does not stand there,
 * else the most that one way takes. *begun becomes true when the text ends inside of one. */
size_t mask_form_match(const struct mask_form *form, size_t from, const char *text, size_t len,
                       bool *begun);

/* The same in one way only. */
enum { MASK_WAYS = 8, MASK_END = -1 };
size_t mask_form_match_as(const struct mask_form *form, size_t from, unsigned way, const char *text,
                          size_t len, bool *begun);
/* The first two bytes of what the text means in one way; MASK_END: there may be one when the text goes on, less: it cannot
 * be read so. */
void mask_lead(unsigned way, const char *text, size_t len, int out[2]);
/* Whether the second one allows a form that begins with the first. */
bool mask_form_leads(const struct mask_form *form, const int lead[2]);

#endif
