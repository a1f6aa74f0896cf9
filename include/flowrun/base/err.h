/* What a function that can fail returns. The text of a failure never travels in
 * the code: it is written into a diagnostics collector where the knowledge is. */
#ifndef FLOWRUN_BASE_ERR_H
#define FLOWRUN_BASE_ERR_H

enum fr_err {
    FR_OK = 0,
    FR_ERR_USAGE,    /* the command line is wrong */
    FR_ERR_INVALID,  /* the workflow or a value in it is wrong */
    FR_ERR_MISSING,  /* a type, model, program, key or path is not there */
    FR_ERR_IO,       /* the operating system said no; errno was put into the text */
    FR_ERR_LIMIT,    /* a ceiling set at birth was reached */
    FR_ERR_NOMEM,    /* an allocation failed */
    FR_ERR_AGAIN,    /* the answer is on its way: ask again after the next event */
    FR_ERR_INTERNAL, /* a promise of our own was broken */
    FR_ERR__COUNT
};

/* Name of the code for logs ("invalid"); static storage. Any thread. */
const char *fr_err_name(enum fr_err err);

#endif
