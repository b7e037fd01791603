// The museum's consent manager
const shared = { optOut: false };
var klaroConfig = {
    version: 1,
    elementID: 'klaro',
    storageMethod: 'cookie',
    cookieName: 'museum_consent',
    cookieExpiresAfterDays: 120,
    default: false,
    lang: 'en',
    translations: {
        zz: { privacyPolicyUrl: '/privacy' },
        de: { matomo: { description: 'Besucherzählung' }, purposes: { analytics: 'Statistik' } },
        en: {
            matomo: { description: 'Counts visits on our own server.' },
            purposes: { analytics: 'Statistics', guides: { title: 'Audio guides', description: 'The guide in your ear.' } },
        },
    },
    services: [
        {
            name: 'matomo',
            title: 'Matomo',
            purposes: ['analytics', 'security'],
            optOut: true,
            cookies: [
                [/^_pk_.*$/, '/', 'museum.example'],
                [/^_pk_.*$/, '/', 'localhost'],
                'piwik_ignore',
                { pattern: /^mtm_consent$/, path: '/shop', domain: '.museum.example' },
            ],
            callback: function (consent, service) { console.log('matomo: ' + consent); },
        },
        { name: 'session', title: 'Sign-in', required: true, purposes: ['functional'], cookies: ['sessionid', 'queue_ticket'] },
        { name: 'guide', purposes: ['guides'], cookies: ['guide_language', /^guide-(room|floor)$/], description: 'Remembers where you were.' },
        { name: 'youtube', title: 'Films', purposes: ['marketing'], contextualConsentOnly: true },
        Object.assign({}, shared, { name: 'more' }),
    ],
};
