'use strict';
/* The report's script, part 6: puts it together. */

/* The names of the ways to show the page. */
const THEMES = {auto: 'Auto', light: 'Light', dark: 'Dark'};

/* A switch between light and dark; what was chosen is kept where the browser allows it. */
function themeSwitch() {
    const button = make('button', {type: 'button', class: 'chip theme'});
    const set = (theme) => {
        document.documentElement.dataset.theme = theme;
        button.textContent = `Colours: ${THEMES[theme]}`;
        try {
            localStorage.setItem('flowrun-theme', theme);
        } catch {
            /* Pages of some schemes keep nothing. */
        }
    };
    button.addEventListener('click', () => {
        const names = Object.keys(THEMES);
        set(names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length]);
    });
    let kept = null;
    try {
        kept = localStorage.getItem('flowrun-theme');
    } catch {
        kept = null;
    }
    set(kept in THEMES ? kept : 'auto');
    return button;
}

/* Links to the sections that this page has. */
function navigation() {
    const nav = document.getElementById('nav');
    document.querySelectorAll('main > section[id]').forEach((section) => {
        const head = section.querySelector('h2');
        if (head) nav.append(make('a', {href: `#${section.id}`}, head.textContent));
    });
    nav.append(themeSwitch());
}

/* Shows the step that the address names: #s12. */
function follow(record, table) {
    const match = /^#s(\d+)$/.exec(location.hash);
    const step = match && record.at.get(Number(match[1]));
    if (step) table.reveal(step);
}

/* Begins. */
function main() {
    const record = readRecord();
    const section = document.getElementById('timeline');
    if (record.steps.some((step) => step.started !== null)) {
        section.hidden = false;
        new Timeline(record, document.getElementById('gantt'));
    }
    const table = new StepTable(record, document.getElementById('table'));
    navigation();
    document.querySelectorAll('#failures .log').forEach(scrollToEnd);
    /* The browser looks for the row before this runs, so it is done by hand. */
    document.addEventListener('click', (event) => {
        const link = event.target.closest('a[href^="#s"]');
        const match = link && /^#s(\d+)$/.exec(link.getAttribute('href'));
        if (!match) return;
        event.preventDefault();
        history.pushState(null, '', `#s${match[1]}`);
        follow(record, table);
    });
    window.addEventListener('popstate', () => follow(record, table));
    window.addEventListener('beforeprint', () => table.grow(2000));
    follow(record, table);
}

main();
