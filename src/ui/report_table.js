'use strict';
/* The report's script, part 4: the table of steps. It shows the first rows and more on demand, so that ten thousand steps
   cost no more than a few hundred. */

const ROWS = 200;
const MANY_ROWS = 1000;
const FINE = SEVERITY.indexOf('cancelled');
const collator = new Intl.Collator('en', {numeric: true});

/* The columns: what stands in them, and by what they are sorted; optional ones are there when anything stands in them. */
const TABLE = [
    {name: 'Status', value: (step) => SEVERITY.indexOf(step.status), cell: (step) => badge(step)},
    {name: 'Step', text: (step) => step.id},
    {name: 'Type', text: (step) => step.type || '', cell: (step) => step.type || ''},
    {name: 'Started', number: true, value: (step) => step.started, cell: (step) => (step.started === null ? '–' : `+${duration(step.started)}`)},
    {name: 'Took', number: true, value: (step) => step.took, cell: (step) => duration(step.took)},
    {name: 'Attempts', number: true, optional: true, value: (step) => step.attempts.length, cell: (step) => (step.attempts.length > 1 ? String(step.attempts.length) : '')},
    {name: 'Exit', number: true, optional: true, value: (step) => (step.exit < 0 ? null : step.exit), cell: (step) => (step.exit > 0 ? String(step.exit) : '')},
    {name: 'Cost', number: true, optional: true, value: (step) => step.cost, cell: (step) => (step.cost ? String(step.cost) : '')},
];

/* Compares two steps by a column; what has no value comes last. */
function compareBy(column, falling) {
    return (a, b) => {
        let order;
        if (column.text) {
            order = collator.compare(column.text(a), column.text(b));
        } else {
            const [x, y] = [column.value(a), column.value(b)];
            if (x === null || y === null) return (x === null) - (y === null) || a.index - b.index;
            order = x - y;
        }
        return (falling ? -order : order) || a.index - b.index;
    };
}

class StepTable {
    constructor(record, place) {
        this.record = record;
        this.columns = TABLE.filter((column) => !column.optional || record.steps.some((step) => column.cell(step)));
        this.sorted = {column: null, falling: false};
        this.statuses = new Set();
        this.critical = false;
        this.logs = false;
        this.text = '';
        this.open = new Set();
        this.rows = record.steps;
        this.shown = 0;
        this.build(place);
        this.update();
    }

    /* Makes what stays: filters, head, the button for more. */
    build(place) {
        this.count = make('p', {class: 'quiet count', role: 'status'});
        this.body = make('tbody', {});
        this.heads = this.columns.map((column) => this.head(column));
        this.more = make('button', {type: 'button', class: 'more', onclick: () => this.grow(ROWS)});
        this.many = make('button', {type: 'button', class: 'more', onclick: () => this.grow(MANY_ROWS)});
        place.append(this.filters(), this.count,
            make('div', {class: 'scroll'}, make('table', {class: 'steps', 'aria-labelledby': 'steps-h'},
                make('thead', {}, make('tr', {}, ...this.heads)), this.body)),
            make('p', {class: 'buttons'}, this.more, this.many));
    }

    /* The head of a column is a button that sorts. */
    head(column) {
        return make('th', {scope: 'col', class: column.number ? 'num' : null, 'aria-sort': 'none'},
            make('button', {type: 'button', class: 'sort', onclick: () => this.sort(column)}, column.name));
    }

    /* A button that is pressed or not. */
    toggle(label, pressed, press, ...content) {
        const button = make('button', {type: 'button', class: 'chip', 'aria-pressed': 'false', title: label}, ...content);
        button.addEventListener('click', () => {
            press();
            button.setAttribute('aria-pressed', String(pressed()));
            this.update();
        });
        return button;
    }

    /* Text, statuses, critical path. */
    filters() {
        const find = make('input', {type: 'search', id: 'find', placeholder: 'Name, type or error', autocomplete: 'off', spellcheck: 'false',
            oninput: () => { this.text = find.value.trim().toLowerCase(); this.update(); }});
        const counts = {};
        this.record.steps.forEach((step) => {
            if (!step.container) counts[step.status] = (counts[step.status] || 0) + 1;
        });
        const chips = SEVERITY.filter((status) => counts[status]).map((status) => this.toggle(
            `Only steps that are ${words(status)}`, () => this.statuses.has(status),
            () => { if (!this.statuses.delete(status)) this.statuses.add(status); },
            sign(status), `${words(status)} `, make('b', {}, grouped(counts[status]))));
        if (this.record.steps.some((step) => step.flags & IS_CRITICAL))
            chips.push(this.toggle('Only steps on the critical path', () => this.critical,
                () => { this.critical = !this.critical; }, 'critical path'));
        chips.push(this.toggle('Look for the text in logs, too', () => this.logs, () => { this.logs = !this.logs; }, 'search logs'));
        return make('div', {class: 'filters', role: 'search', 'aria-label': 'Filter steps'},
            make('label', {for: 'find', class: 'hidden'}, 'Filter steps by text'), find,
            make('div', {class: 'chips', role: 'group', 'aria-label': 'Filter steps by status'}, ...chips));
    }

    /* Sorts by a column: rising, falling, then as declared. */
    sort(column) {
        const same = this.sorted.column === column;
        if (same && this.sorted.falling) this.sorted = {column: null, falling: false};
        else this.sorted = {column, falling: same};
        this.heads.forEach((head, at) => head.setAttribute('aria-sort', this.columns[at] !== this.sorted.column ? 'none'
            : this.sorted.falling ? 'descending' : 'ascending'));
        this.update();
    }

    /* Whether a step's texts hold what is looked for. */
    holds(step) {
        if (!this.text) return true;
        const own = [step.id, step.title, step.type, step.code, step.error, step.reason];
        const logs = this.logs ? step.attempts.flatMap((attempt) => [attempt[4] && attempt[4][0], attempt[5] && attempt[5][0], ...(attempt[6] || [])]) : [];
        return own.concat(logs).some((text) => text && text.toLowerCase().includes(this.text));
    }

    /* Whether a step passes the filters. */
    passes(step) {
        if (this.statuses.size && (step.container || !this.statuses.has(step.status))) return false;
        if (this.critical && !(step.flags & IS_CRITICAL)) return false;
        return this.holds(step);
    }

    /* Filters, sorts and shows anew. */
    update() {
        this.rows = this.record.steps.filter((step) => this.passes(step));
        if (this.sorted.column) this.rows.sort(compareBy(this.sorted.column, this.sorted.falling));
        this.body.replaceChildren();
        this.shown = 0;
        this.grow(ROWS);
        const steps = this.rows.filter((step) => !step.container).length;
        const groups = this.rows.length - steps;
        this.count.textContent = `${grouped(steps)} of ${grouped(this.record.steps.filter((step) => !step.container).length)} steps`
            + (this.record.leftOut ? ` that are in this page; ${grouped(this.record.leftOut)} are left out` : '')
            + (groups ? `, and ${grouped(groups)} ${groups === 1 ? 'group' : 'groups'} around them` : '');
    }

    /* Shows more rows. */
    grow(by) {
        const until = Math.min(this.rows.length, this.shown + by);
        const rows = document.createDocumentFragment();
        for (; this.shown < until; this.shown++) {
            const step = this.rows[this.shown];
            rows.append(this.row(step));
            if (this.open.has(step.index)) rows.append(this.detail(step));
        }
        this.body.append(rows);
        const left = this.rows.length - this.shown;
        this.more.hidden = left === 0;
        this.more.textContent = `Show ${grouped(Math.min(ROWS, left))} more of ${grouped(left)}`;
        this.many.hidden = left <= ROWS;
        this.many.textContent = `Show ${grouped(Math.min(MANY_ROWS, left))} more`;
    }

    /* The row of a step; in the order of declaration it shows what is inside of what. */
    row(step) {
        const open = this.open.has(step.index);
        const button = make('button', {type: 'button', class: 'open', 'aria-expanded': String(open), onclick: () => this.flip(step)},
            make('bdi', {}, step.id));
        const row = make('tr', {id: `s${step.index}`, class: step.container ? 'container' : null});
        this.columns.forEach((column) => {
            if (column.name !== 'Step') {
                row.append(make('td', {class: column.number ? 'num' : null}, column.cell(step)));
                return;
            }
            const head = make('th', {scope: 'row'}, button);
            if (step.title) head.append(make('span', {class: 'quiet title'}, step.title));
            if (!this.sorted.column) head.style.setProperty('--depth', Math.min(step.depth, 6));
            if (step.error) head.append(make('span', {class: `why${SEVERITY.indexOf(step.status) < FINE ? '' : ' quiet'}`}, step.error));
            else if (step.reason) head.append(make('span', {class: 'why quiet'}, step.reason));
            row.append(head);
        });
        return row;
    }

    /* The row below with all that is known. */
    detail(step) {
        return make('tr', {class: 'detail'}, make('td', {colspan: String(this.columns.length)}, stepPanel(this.record, step)));
    }

    /* Opens or closes a step. */
    flip(step) {
        const row = document.getElementById(`s${step.index}`);
        const open = !this.open.delete(step.index);
        if (open) {
            this.open.add(step.index);
            row.after(this.detail(step));
        } else {
            row.nextElementSibling.remove();
        }
        row.querySelector('.open').setAttribute('aria-expanded', String(open));
    }

    /* Shows a step, whatever is filtered, and opens it. */
    reveal(step) {
        if (!this.rows.includes(step)) {
            this.reset();
        }
        const at = this.rows.indexOf(step);
        if (at >= this.shown) this.grow(at - this.shown + ROWS);
        if (!this.open.has(step.index)) this.flip(step);
        const row = document.getElementById(`s${step.index}`);
        row.scrollIntoView({block: 'start'});
        row.querySelector('.open').focus({preventScroll: true});
    }

    /* Takes all filters back. */
    reset() {
        this.statuses.clear();
        this.critical = false;
        this.text = '';
        document.getElementById('find').value = '';
        document.querySelectorAll('#table .chip').forEach((chip) => chip.setAttribute('aria-pressed', 'false'));
        this.logs = false;
        this.update();
    }
}
