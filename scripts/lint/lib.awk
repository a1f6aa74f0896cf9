# Shared by the checks written in awk. bare(LINE) is a line of C without comments and without what
# its strings and characters hold; state is kept over lines and reset at the start of a file.
# report() prints a finding unless the allow-list has its file for this check.

function bare(line,    out, c, two, i, n) {
    if (FNR == 1) in_comment = 0
    n = length(line)
    out = ""
    for (i = 1; i <= n; i++) {
        c = substr(line, i, 1)
        two = substr(line, i, 2)
        if (in_comment) {
            if (two == "*/") { in_comment = 0; i++ }
        } else if (two == "/*") {
            in_comment = 1
            i++
        } else if (two == "//") {
            break
        } else if (c == "\"" || c == "'") {
            out = out c
            for (i++; i <= n && substr(line, i, 1) != c; i++)
                if (substr(line, i, 1) == "\\") i++
            out = out c
        } else {
            out = out c
        }
    }
    return out
}

function report(check, path, line, text) {
    if (!allow_read) {
        allow_read = 1
        while ((getline entry < "scripts/lint/allow") > 0)
            if (entry !~ /^#/ && split(entry, part, " ") >= 3) allowed[part[1] " " part[2]] = 1
    }
    if ((check " " path) in allowed) return
    printf "%s:%d: %s\n", path, line, text
    findings++
}
