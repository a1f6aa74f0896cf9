'use strict';
/* The report's script, part 2: logs. Colour codes become classes; html_text.c has taken away all other codes. */

/* The colour that is nearest to a red, green and blue: one of the eight, or null when it is nearly grey. */
function nearest(red, green, blue) {
    const high = Math.max(red, green, blue);
    if (high - Math.min(red, green, blue) < 48) return null;
    const middle = high * 0.6;
    return (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
}

/* One of 256 colours as one of the eight. */
function nearest256(number) {
    if (number < 16) return number % 8;
    if (number > 231) return null;
    const part = (n) => [0, 95, 135, 175, 215, 255][n % 6];
    const at = number - 16;
    return nearest(part(Math.floor(at / 36)), part(Math.floor(at / 6)), part(at));
}

/* Applies the numbers of one colour code to a style. */
function applyCode(numbers, style) {
    for (let i = 0; i < numbers.length; i++) {
        const n = numbers[i];
        if (n === 0) Object.assign(style, {color: null, bold: false, dim: false, italic: false, line: false});
        else if (n === 1) style.bold = true;
        else if (n === 2) style.dim = true;
        else if (n === 3) style.italic = true;
        else if (n === 4) style.line = true;
        else if (n === 22) { style.bold = false; style.dim = false; }
        else if (n === 23) style.italic = false;
        else if (n === 24) style.line = false;
        else if (n >= 30 && n <= 37) style.color = n - 30;
        else if (n >= 90 && n <= 97) style.color = n - 90;
        else if (n === 39) style.color = null;
        else if ((n === 38 || n === 48) && (numbers[i + 1] === 5 || numbers[i + 1] === 2)) {
            const few = numbers[i + 1] === 5;
            if (n === 38) style.color = few ? nearest256(numbers[i + 2]) : nearest(...numbers.slice(i + 2, i + 5));
            i += few ? 2 : 4;
        }
    }
}

/* The classes of a style. */
function styleClass(style) {
    const names = [];
    if (style.color !== null) names.push(`c${style.color}`);
    ['bold', 'dim', 'italic', 'line'].forEach((name) => { if (style[name]) names.push(name); });
    return names.join(' ');
}

/* How text looks before the first colour code. */
function plainStyle() {
    return {color: null, bold: false, dim: false, italic: false, line: false};
}

/* Text with colour codes as nodes; what they leave on stays in `style`. */
function colored(text, style = plainStyle()) {
    const nodes = document.createDocumentFragment();
    // eslint-disable-next-line no-control-regex
    const parts = text.split(/\u001b\[([0-9;:]*)[^m]*m/);
    parts.forEach((part, at) => {
        if (at % 2 === 1) {
            applyCode(part === '' ? [0] : part.split(/[;:]/).map(Number), style);
            return;
        }
        const names = styleClass(style);
        if (part) nodes.append(names ? make('span', {class: names}, part) : part);
    });
    return nodes;
}

/* Where all of a text is: the command that prints it, and its file. Of a run that was not to be recorded neither stays. */
function whereAll(path, command) {
    if (!command) return '';
    return path ? make('span', {}, 'All of it: ', make('code', {}, command), ' or ', make('code', {}, path), '.')
        : make('span', {}, 'All of it: ', make('code', {}, command), '.');
}

/* How much there is of a log. */
function logFacts(text, bytes) {
    const lines = text.split('\n').length - (text.endsWith('\n') || text === '' ? 1 : 0);
    return `${grouped(lines)} ${lines === 1 ? 'line' : 'lines'}, ${size(bytes)}`;
}

/* What of a log is not in the page; `name` begins the sentence, or is ''. */
function missing([, bytes, cut], name) {
    const begin = name && `${name}: `;
    if (cut) return `${begin}Only its end was recorded, and the end of that is shown. `;
    return bytes > 65536 ? `${begin}The last 64 KiB of ${size(bytes)} are shown. ` : '';
}

/* What was printed last is what people look for. */
function scrollToEnd(box) {
    if (box instanceof Element) box.scrollTop = box.scrollHeight;
}

/* A log to be unfolded. `left` says what of it is not there. */
function foldedLog(name, facts, open, left, ...content) {
    const block = make('details', {class: 'stream'}, make('summary', {}, name, ' ', make('span', {class: 'quiet'}, facts)));
    block.open = open;
    if (left) block.append(make('p', {class: 'quiet'}, ...left));
    block.append(...content);
    block.addEventListener('toggle', () => content.forEach(scrollToEnd), {once: true});
    return block;
}

/* A log with its name; `command` prints all of it, or is null; `log` is [text or null, bytes in all, whether its beginning was never kept, its file]. */
function logBlock(name, log, command) {
    if (!log) return null;
    const [text, bytes, , path] = log;
    if (text === null) return foldedLog(name, size(bytes), false, ['It is too large for this page, or gone. ', whereAll(path, command)]);
    const left = missing(log, '');
    return foldedLog(name, logFacts(text, bytes), bytes > 0 && text.split('\n').length <= 201, left && [left, whereAll(path, command)],
        make('pre', {class: 'log', tabindex: '0', role: 'region', 'aria-label': name}, colored(text)));
}

/* Both logs of an attempt in the order of their writes. `pieces` are the texts, by turns; lines of standard error have a
   mark, which the style draws and screen readers say. */
function wovenBlock(out, err, pieces, command) {
    const of = (side) => pieces.filter((_, at) => at % 2 === side).join('');
    const styles = [plainStyle(), plainStyle()];
    const pre = make('pre', {class: 'log woven', tabindex: '0', role: 'region', 'aria-label': 'Standard output and standard error'});
    pieces.forEach((piece, at) => {
        if (at % 2 === 0) pre.append(colored(piece, styles[0]));
        else piece.split('\n').slice(0, -1).forEach((line) => pre.append(make('span', {class: 'err'}, colored(line, styles[1])), '\n'));
    });
    const left = missing(out, 'Standard output') + missing(err, 'Standard error');
    const facts = `standard output: ${logFacts(of(0), out[1])}; standard error, marked: ${logFacts(of(1), err[1])}`;
    return foldedLog('Printed', facts, pieces.join('').split('\n').length <= 201, left && [left, whereAll(out[3] || err[3], command)], pre);
}
