var cc = initCookieConsent();
var manager = iframemanager();

manager.run({ currLang: 'en', services: { maps: { embedUrl: 'https://maps.example/{data-id}' } } });

cc.run({
  current_lang : 'de',
  autoclear_cookies : true,
  cookie_name: 'harbour_cc',
  cookie_domain: 'harbour.example',
  mode: 'opt-out',
  page_scripts: !0,
  onAccept: function (cookie) { if (/["'`]/.test(cookie)) { return 4 / 2; } },
  languages : {
    en : { settings_modal: { blocks: [ { title: 'Ships', toggle: { value: 'ships' } } ] } },
    de : {
      settings_modal : {
        title : 'Einstellungen',
        cookie_table_headers : [ {col1: 'Name'}, {col2: 'Anbieter'}, {col3: 'Ablauf'}, {col4: 'Zweck'} ],
        blocks : [
          { title : 'Was sind Cookies?', description: LOREM },
          {
            title : 'Notwendig',
            toggle : { value : 'necessary', enabled : true, readonly : true },
            cookie_table: [
              { col1: 'PHPSESSID', col2: 'Hafen', col3: 'Sitzung', col4: 'Hält Sie angemeldet' },
            ]
          }, {
            title : 'Werbung',
            toggle : { value : 'ads', enabled : false, readonly : false },
            cookie_table: [
              { col1: '^_gcl_', col2: 'Google', col3: '90 Tage', col4: 'Misst Anzeigen', is_regex: true },
              { col1: '_fbp', col2: 'Meta', col3: '3 Monate', col4: 'Misst Anzeigen' }
            ]
          }, {
            title : 'Schiffe',
            toggle : { value : 'ships', enabled : false, readonly : false },
            cookie_table: [ { col1: 'berth, berth_*', col2: 'Hafen', col3: '2 Wochen', col4: 'Ihr Liegeplatz' } ]
          }
        ]
      }
    }
  }
});
