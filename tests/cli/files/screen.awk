# What a terminal shows in the end of what a program wrote to it, for the few sequences that
# hvgpu uses; with -v columns=N -v lines=N whether what was drawn again was ever larger.
function put(c) {
    row[r] = substr(row[r] sprintf("%" col "s", ""), 1, col) c substr(row[r], col + 2)
    col++
}
BEGIN { RS = "\001"; widest = highest = r = col = 0 }
{
    text = text $0
}
END {
    n = length(text)
    for (i = 1; i <= n; i++) {
        c = substr(text, i, 1)
        if (c == "\n") { r++; col = 0; if (r > last) last = r }
        else if (c == "\r") col = 0
        else if (c == "\033" && match(substr(text, i), /^\033\[[0-9]*[A-Za-z]/)) {
            word = substr(text, i + 2, RLENGTH - 3)
            kind = substr(text, i + RLENGTH - 1, 1)
            i += RLENGTH - 1
            if (kind == "F") {
                if (word + 0 > highest) highest = word + 0
                r = r > word + 0 ? r - word : 0
                col = 0
            } else if (kind == "J") {
                for (k = r; k <= last; k++) {
                    if (length(row[k]) > widest) widest = length(row[k])
                    row[k] = k == r ? substr(row[k], 1, col) : ""
                }
                last = r
            } else if (kind != "m") unknown = unknown " " kind
        } else put(c)
    }
    for (k = 0; k <= last; k++) if (k < last || row[k] != "") print row[k]
    if (unknown) print "unknown to screen.awk:" unknown
    if (columns && (!highest || highest > lines || widest > columns))
        print "drawn again were " highest " lines, the widest of " widest
    else if (columns) print "[what was drawn again had its place]"
}
