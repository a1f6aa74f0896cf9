# What of a run (`--output json`) is the same each time: all of it, without the run's id and folder, the times and
# what is computed from them, and the ids of processes. How far a step had come when it was cancelled is a
# matter of time, too.
def of_step:
    del(.answer.at, .error.repro, .started_at, .duration, .total_time, .sequential_time, .speedup)
    | if .leftover then .leftover |= map(del(.pid)) else . end
    | if .status == "cancelled" then del(.attempts, .error.message, .leftover) else . end
    | if .answer then .answer |= del(.at) else . end
    | if .results then .results |= map(of_step) else . end
    | if .finally then .finally |= map(of_step) else . end;

del(.run_id, .started_at, .duration, .sequential_time, .speedup, .critical_path) | .steps |= map(of_step)
