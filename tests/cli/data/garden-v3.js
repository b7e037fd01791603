import * as CookieConsent from 'vanilla-cookieconsent';

/* The garden centre's banner. */
const policy = `/privacy?from=${document.location.pathname}`;

CookieConsent.run({
    root: document.body,
    revision: 3,
    cookie: {
        name: 'garden_choice',
        expiresAfterDays: (type) => type === 'all' ? 365 : 182,
    },
    onConsent: ({ cookie }) => { console.log(`kept ${cookie.categories.join("}")}`); },
    onChange() { window.location.reload() },

    categories: {
        necessary: { enabled: true, readOnly: true },
        analytics: {
            autoClear: {
                cookies: [
                    { name: /^_ga/ },               // and _gat
                    { name: '_gid', domain: '.garden.example' },
                    { name: /(?<!x)odd\d/i },
                    ...moreCookies,
                ],
            },
            services: {
                counter: {
                    label: 'Our <em>counter</em>',
                    onAccept: () => {},
                    cookies: [{ name: /^_pk_(id|ses)\./ }],
                },
            },
        },
        seeds: {},
    },

    language: {
        default: 'en',
        translations: {
            en: {
                preferencesModal: {
                    title: "Your choice",
                    sections: [
                        { title: 'What cookies are', description: 'Read <a href="' + policy + '">more</a>' },
                        {
                            title: 'Necessary &amp; always on',
                            linkedCategory: 'necessary',
                            cookieTable: {
                                headers: { name: 'Name', desc: 'What for', time: 'Duration' },
                                body: [
                                    { name: 'garden_choice', desc: 'Your answer', time: '6 months' },
                                    { name: 'csrftoken', desc: 'Keeps others from ordering in your name', time: '1 year' },
                                ],
                            },
                        },
                        {
                            title: 'Statistics',
                            linkedCategory: 'analytics',
                            cookieTable: {
                                headers: { name: 'Name', domain: 'Domain', desc: 'Description', time: 'Expiration' },
                                body: [
                                    { name: '_ga', domain: 'garden.example', desc: 'Tells visitors <b>apart</b>', time: '2 years' },
                                    { name: '_gid', domain: 'garden.example', desc: 'The same, for a day', time: '24 h' },
                                    { name: '_ga_<container>', domain: 'garden.example', desc: 'Counts', time: 'when the moon is full' },
                                    { name: 'Google Analytics', desc: 'No name at all' },
                                ],
                            },
                        },
                        {
                            title: 'Seed calendar',
                            description: 'Your plot, month by month.',
                            linkedCategory: 'seeds',
                            cookieTable: {
                                headers: { col: 'Cookie', what: 'Purpose', who: 'Provider', till: 'Laufzeit' },
                                body: [{ col: 'plot', what: 'Your plot', who: 'Garden centre', till: '3 Monate' }],
                            },
                        },
                    ],
                },
            },
            de: '/texts/de.json',
        },
    },
});
