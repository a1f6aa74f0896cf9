/* The closed choices of the format, as enums. The file's words for them: the name
 * functions below. Constant; any thread. */
#ifndef FLOWRUN_PLAN_CHOICES_H
#define FLOWRUN_PLAN_CHOICES_H

enum fr_kind {
    FR_KIND_PROCESS,
    FR_KIND_HTTP,
    FR_KIND_TRANSFORM,
    FR_KIND_WAIT,
    FR_KIND_ROUTE,
    FR_KIND_SPLIT /* split_input */,
    FR_KIND_MERGE /* merge_results */,
    FR_KIND_HUMAN,
    FR_KIND_GROUP,
    FR_KIND_RACE,
    FR_KIND_CHAIN /* a branch with steps */,
    FR_KIND_BATCH /* batch_process: its branches are the slots of its template */,
    FR_KIND_LOOP,
    FR_KIND_WORKFLOW /* another file as one step */,
    FR_KIND__COUNT
};
enum fr_rule {
    FR_RULE_ALL_SUCCESS,
    FR_RULE_ALL_DONE,
    FR_RULE_ANY_SUCCESS,
    FR_RULE_ANY_FAILED,
    FR_RULE__COUNT
};
enum fr_merge {
    FR_MERGE_COLLECT_ALL,
    FR_MERGE_FIRST_SUCCESS,
    FR_MERGE_BEST_QUALITY,
    FR_MERGE_COMBINE,
    FR_MERGE_CUSTOM,
    FR_MERGE__COUNT
};
enum fr_on_failure { FR_FAIL_DRAIN, FR_FAIL_CANCEL, FR_FAIL_CONTINUE };
enum fr_output {
    FR_OUTPUT_TEXT,
    FR_OUTPUT_JSON,
    FR_OUTPUT_LINES,
    FR_OUTPUT_JSONL,
    FR_OUTPUT_NONE,
    FR_OUTPUT__COUNT
};
enum fr_leftover { FR_LEFTOVER_END, FR_LEFTOVER_KILL, FR_LEFTOVER_KEEP, FR_LEFTOVER__COUNT };
enum fr_split {
    FR_SPLIT_DUPLICATE,
    FR_SPLIT_ROUND_ROBIN,
    FR_SPLIT_CHUNK,
    FR_SPLIT_PARTS /* of a group: its input is the parts; of split_input: an expression makes them */
    ,
    FR_SPLIT__COUNT
};
enum fr_conflict { FR_CONFLICT_ERROR, FR_CONFLICT_FIRST, FR_CONFLICT_LAST, FR_CONFLICT__COUNT };

/* What a step is to its parent. */
enum fr_role {
    FR_ROLE_STEP /* top level, in `steps` */,
    FR_ROLE_FINALLY,
    FR_ROLE_BRANCH,
    FR_ROLE_CHAINED,
    FR_ROLE_CALLBACK,
    FR_ROLE_COMBINE,
    FR_ROLE_FALLBACK,
    FR_ROLE__COUNT
};

/* Where a step's input comes from when it has no `input` of its own. */
enum fr_input_from {
    FR_INPUT_RUN, /* the run's input */
    FR_INPUT_STEP, /* inputs[0]: its output (what passed through it, when skipped or not taken in a chain) */
    FR_INPUT_STEPS,  /* {id: output} of inputs, in order */
    FR_INPUT_PARENT, /* the container's input, or this branch's part of it */
    FR_INPUT_MERGED, /* callback, combine: the merged output / the list of outputs of the parent */
    FR_INPUT_FAILED, /* fallback: the failed step's input */
    FR_INPUT_SO_FAR, /* finally: the run's result so far */
    FR_INPUT_ITEM,   /* template of a batch: the item */
    FR_INPUT_TURN /* first step of a loop: the loop's input, then the output of the turn before */
};

/* Names for the enums, as the file writes them; static. */
const char *fr_merge_name(enum fr_merge merge);
const char *fr_rule_name(enum fr_rule rule);

#endif
