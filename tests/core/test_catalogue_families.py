"""The families of cookies that the shipped catalogue knows, name by name, through the library.

One line a family: frameworks, shops, load balancers, and what watches visitors. A name here is what a
browser would send; which row decides for it is the catalogue's affair.
"""

from __future__ import annotations

from typing import Final

import pytest

from cookieconsent.core.catalog import catalogue

AUTHENTICATION: Final = {
    # Python
    "Django": "sessionid csrftoken messages __Host-sessionid __Secure-csrftoken",
    "Flask": "session remember_token access_token_cookie _csrf_token __Host-session QUART_AUTH",
    "Starlette, FastAPI": "session fastapi-csrf-token fastapiusersauth",
    "Litestar": "session csrftoken",
    "Pyramid": "session auth_tkt csrf_token",
    "aiohttp": "AIOHTTP_SESSION AIOHTTP_SECURITY",
    "Tornado": "_xsrf _streamlit_xsrf",
    "Bottle, TurboGears": "beaker.session.id authtkt webflash",
    "web2py": "session_id_welcome session_id_admin",
    "Odoo, CherryPy": "session_id",
    "Plone, Zope": "__ac _ZopeId statusmessages",
    "Trac": "trac_auth trac_session trac_form_token",
    "datasette": "ds_actor ds_csrftoken ds_messages",
    "Twisted": "TWISTED_SESSION",
    "pgAdmin, Jupyter, CKAN": "pga4_session jupyterhub-session-id ckan",
    # PHP
    "PHP": "PHPSESSID __Secure-PHPSESSID",
    "Laravel": "laravel_session laravel-session XSRF-TOKEN remember_web_59ba36addc2b2f9401580f014c",
    "Symfony": "REMEMBERME csrf-token_1a2b",
    "WordPress": "wordpress_logged_in_1a2b wordpress_sec_1a2b wp-postpass_1a2b",
    "Drupal": "SESS49960de5880e8c687434170f6476605b SSESSa9960de5880e8c687434170f6476605b",
    "Joomla": "joomla_user_state joomla_remember_me_1a2b",
    "TYPO3": "fe_typo_user be_typo_user",
    "Craft": "CraftSessionId CRAFT_CSRF_TOKEN",
    "CodeIgniter": "ci_session csrf_cookie_name",
    "Yii": "_csrf _identity advanced-frontend",
    "CakePHP": "CAKEPHP csrfToken CookieAuth",
    # Java
    "Servlet": "JSESSIONID JSESSIONIDSSO __Host-JSESSIONID",
    "Spring": "SESSION remember-me",
    "Play": "PLAY_SESSION PLAY_FLASH",
    "Vaadin, Jakarta Faces": "JSESSIONID csfcfc oam.Flash.RENDERMAP.TOKEN",
    "Liferay": "LFR_SESSION_STATE_20103",
    "Grails, Quarkus, Shiro": "grails_remember_me quarkus-credential rememberMe",
    "Atlassian, Jenkins": "atlassian.xsrf.token ACEGI_SECURITY_HASHED_REMEMBER_ME_COOKIE",
    # Node
    "Express": "connect.sid _csrf express:sess express:sess.sig",
    "Auth.js": "next-auth.session-token __Secure-authjs.session-token __Host-authjs.csrf-token",
    "Nuxt, Next.js": "nuxt-session __prerender_bypass",
    "Koa, Sails, AdonisJS": "koa.sess sails.sid adonis-session",
    # Ruby, .NET, Elixir
    "Rails": "_session_id _rails_session remember_user_token rack.session",
    "ASP.NET": "ASP.NET_SessionId .ASPXAUTH .AspNet.ApplicationCookie __RequestVerificationToken_L",
    "ASP.NET Core": ".AspNetCore.Identity.Application .AspNetCore.Antiforgery.w5W7x28NAIs",
    "Phoenix": "_shop_web_user_remember_me",
    # load balancers
    "Amazon": "AWSALB AWSALBCORS AWSALBTG AWSELB",
    "Azure": "ARRAffinity ARRAffinitySameSite ApplicationGatewayAffinity",
    "Google Cloud": "GCLB GAESA",
    "F5, Citrix, HAProxy": "BIGipServerpool_www TS01a2b3c4 NSC_ESNS SERVERID",
    "NGINX, Traefik, Apache": "INGRESSCOOKIE _TRAEFIK_BACKEND ROUTEID",
    "Heroku, Cloud Foundry": "heroku-session-affinity __VCAP_ID__",
    # bot checks at the edge
    "Cloudflare": "__cf_bm cf_clearance _cfuvid __cflb",
    "Akamai": "ak_bmsc bm_sv bm_sz _abck",
    "Imperva": "incap_ses_123_456 visid_incap_456 nlbi_456 reese84",
    "DataDome, HUMAN": "datadome _px2 _px3 _pxvid _pxhd",
    "Fastly, Alibaba": "_fs_ch_cp_x _fs_ch_st_x acw_tc acw_sc__v2",
}

CART: Final = {
    "WooCommerce": "woocommerce_cart_hash woocommerce_items_in_cart wp_woocommerce_session_1a2b",
    "Magento": "mage-cache-sessid private_content_version section_data_ids guest-view",
    "Shopify": "cart cart_sig cart_ts checkout_token _secure_session_id _shopify_essential",
    "PrestaShop": "PrestaShop-1a2b",
    "Shopware": "session-1 sw-context-token",
    "oscar": "oscar_open_basket",
    "Saleor, Medusa": "checkoutId-default-channel _medusa_cart_id",
    "BigCommerce": "SHOP_SESSION_TOKEN SHOP_ORDER_TOKEN",
    "OpenCart": "OCSESSID",
    "nopCommerce": ".Nop.Customer Nop.customer",
    "Spree, Solidus": "guest_token",
    "Salesforce": "dwsid",
    "VTEX": "checkout.vtex.com",
    "Ecwid, Squarespace": "PSecwid__1PScart hasCart",
    "osCommerce and its children": "osCsid zenid XTCsid MODsid",
    "JTL, CS-Cart": "JTLSHOP sid_customer_1a2b",
}

CONSENT: Final = {
    "ours": "__Host-cookieconsent cookieconsent",
    "IAB": "euconsent-v2 usprivacy addtl_consent",
    "OneTrust": "OptanonConsent OptanonAlertBoxClosed",
    "Cookiebot": "CookieConsent CookieConsentBulkSetting-1",
    "Didomi": "didomi_token",
    "InMobi, once Quantcast": "_cmpRepromptHash noniabvendorconsent",
    "iubenda": "_iub_cs-12345",
    "CookieYes": "cookieyes-consent cky-consent viewed_cookie_policy cookielawinfo-checkbox-analytics",
    "Complianz": "cmplz_marketing cmplz_banner-status",
    "Borlabs": "borlabs-cookie",
    "Osano": "osano_consentmanager cookieconsent_status",
    "TrustArc": "notice_preferences notice_gdpr_prefs cmapi_cookie_privacy notice_behavior",
    "Klaro, tarteaucitron, Orejime": "klaro tarteaucitron orejime",
    "Axeptio": "axeptio_cookies axeptio_all_vendors axeptio_authorized_vendors",
    "Termly": "__tlbcpv __tltpl_1",
    "Ketch, Sourcepoint": "_ketch_consent_v1_ _swb_consent_ consentUUID",
    "Liferay": "USER_CONSENT_CONFIGURED CONSENT_TYPE_PERFORMANCE",
    "WordPress": "wp_consent_marketing cookie_notice_accepted moove_gdpr_popup",
    "objections": "matomo_ignore _vis_opt_out _hjOptOut optimizelyOptOut ga-disable-UA-1",
}

PREFERENCES: Final = {
    "languages": "django_language frontend_lang _LOCALE_ I18N_LANGUAGE NEXT_LOCALE PLAY_LANG",
    "more languages": ".AspNetCore.Culture GUEST_LANGUAGE_ID pll_language PGADMIN_LANGUAGE",
    "WordPress": "wp-settings-1 wp-settings-time-1 comment_author_1a2b wordpress_test_cookie",
    "looked at last": "woocommerce_recently_viewed oscar_history recently_viewed_product",
}

ANALYTICS: Final = {
    "Google": "_ga _ga_0ABCDEF123 _gid _gat _gat_gtag_UA_1_1 __utma FPID",
    "Matomo": "_pk_id.1.1fff _pk_ses.1.1fff _pk_ref.1.1fff",
    "Adobe": "AMCV_X@AdobeOrg AMCVS_X@AdobeOrg s_cc s_sq s_vi s_fid s_tp kndctr_X_identity",
    "Piwik PRO": "stg_last_interaction stg_returning_visitor",
    "Yandex, Baidu": "_ym_uid _ym_d _ym_isad Hm_lvt_1 Hm_lpvt_1",
    "Segment": "ajs_user_id ajs_anonymous_id",
    "Mixpanel, Amplitude": "mp_1_mixpanel amplitude_id_1 AMP_1 AMP_MKTG_1",
    "Heap, PostHog": "_hp2_id.1 ph_1_posthog",
    "Snowplow": "_sp_id.1 _sp_ses.1",
    "Chartbeat, Parse.ly": "_cb _chartbeat2 _cb_svref _parsely_visitor _parsely_session",
    "Piano": "_pcid _pctx pa_vid atuserid xtvrn",
    "Econda, etracker": "emos_jcvid emos_jcsid _et_coid BT_pdc BT_sdc isSdEnabled",
    "New Relic, Datadog, Dynatrace": "NREUM NRAGENT _dd_s dtCookie rxVisitor",
    "Mapp, Microsoft": "wt3_eid wt3_sid ai_user ai_session",
    # recorders
    "Hotjar": "_hjSessionUser_1 _hjSession_1 _hjid",
    "Clarity": "_clck _clsk",
    "FullStory, LogRocket": "fs_uid fs_cid fs_lua _lr_tabs_-a _lr_hb_-a _lr_uf_-a",
    "Mouseflow, Smartlook": "mf_user SL_C_23361dd035530_SID",
    "Lucky Orange, Crazy Egg": "_lo_uid _lo_v __lotl _ce.s cebs",
    "Contentsquare": "_cs_id _cs_s _cs_c",
    # experiments
    "Optimizely": "optimizelyEndUserId optimizelySession",
    "VWO": "_vwo_uuid_v2 _vis_opt_s _vis_opt_exp_1_combi",
    "AB Tasty, Kameleoon": "ABTasty ABTastySession kameleoonVisitorCode",
    "Convert, Google Optimize": "_conv_v _conv_s _conv_r _gaexp _opt_expid",
    "Dynamic Yield, Netlify": "_dyid _dyjsession DYID nf_ab",
}

ADVERTISING: Final = {
    "Meta": "_fbp _fbc fbm_1 fbsr_1",
    "Google": "_gcl_au _gcl_aw _gac_UA-1-1 __gads __gpi FPAU",
    "Microsoft": "_uetsid _uetvid MUID",
    "LinkedIn": "li_fat_id lidc bcookie UserMatchHistory li_sugr",
    "TikTok": "_ttp _tt_enable_cookie ttclid ttcsid",
    "Pinterest": "_pin_unauth _pinterest_ct_ua _epik",
    "Snap": "_scid _scid_r _sctr sc_at",
    "X": "guest_id_ads guest_id_marketing _twclid _twpid",
    "Criteo": "cto_bundle cto_bidid cto_tld_test",
    "Taboola, Outbrain": "t_gid trc_cookie_storage obuid dicbo_id",
    "AdRoll": "__adroll __adroll_fpc __ar_v4",
    "HubSpot": "hubspotutk __hstc __hssc __hssrc",
    "Marketo, Pardot": "_mkto_trk visitor_id12345 visitor_id12345-hash pardot",
    "Klaviyo, Attentive": "__kla_id __attentive_id _attn_",
    "Reddit, Quantcast": "_rdt_uuid __qca",
    "social sharing": "__atuvc __atuvs fpestid ig_did",
}

MEDIA: Final = {
    "YouTube": "VISITOR_INFO1_LIVE VISITOR_PRIVACY_METADATA yt-remote-device-id",
    "Vimeo, Wistia, Mux": "vuid wistia muxData",
    "Intercom": "intercom-id-a intercom-session-a intercom-device-id-a",
    "Drift": "drift_aid drift_eid drift_campaign_refresh driftt_aid",
    "Zendesk": "__zlcmid ZD-suid ZD-buid",
    "Tawk, LiveChat, Crisp": "TawkConnectionTime twk_uuid_1 __lc_cid __lc2_cid crisp-client/session/1",
    "Olark, Tidio": "hblid olfsk wcsid _okbk tidio_state_a",
    "reCAPTCHA": "_GRECAPTCHA",
}

FAMILIES: Final = {
    "authentication": AUTHENTICATION,
    "cart": CART,
    "consent": CONSENT,
    "preferences": PREFERENCES,
    "analytics": ANALYTICS,
    "advertising": ADVERTISING,
    "media": MEDIA,
}

# Names that only their setter makes certain.
WITH_DOMAIN: Final = {
    "doubleclick.net": ("advertising", "ID"),
    "google.com": ("advertising", "AID SID"),
    "facebook.com": ("advertising", "fr sb xs"),
    "linkedin.com": ("advertising", "li_rm liap"),
    "x.com": ("advertising", "ct0"),
    "reddit.com": ("advertising", "loid csv"),
    "quora.com": ("advertising", "m-b m-b_lax m-b_strict"),
    "criteo.com": ("advertising", "uid"),
    "youtube.com": ("media", "PREF GPS CONSENT"),
    "vimeo.com": ("media", "player"),
    "dailymotion.com": ("media", "dmvk v1st"),
    "clarity.ms": ("analytics", "SM"),
    "login.microsoftonline.com": ("authentication", "buid fpc brcap"),
    "paypal.com": ("cart", "ts nsid"),
}

# Short, but nobody else writes them: known wherever they are met.
DISTINCTIVE: Final = {
    "advertising": "IDE NID DSID 1P_JAR ANONCHK datr uuid2 demdex tuuid guest_id ttwid edgebucket",
    "analytics": "yandexuid ymex CLID",
    "media": "YSC",
}


@pytest.mark.parametrize(
    ("cls", "names"),
    [
        pytest.param(cls, names.split(), id=family)
        for cls, families in FAMILIES.items()
        for family, names in families.items()
    ],
)
def test_family_is_known(cls: str, names: list[str]) -> None:
    """Every name of a family has the class of the family."""
    shipped = catalogue()
    assert dict.fromkeys(names, cls) == {name: shipped.classify(name).cls for name in names}


@pytest.mark.parametrize("domain", WITH_DOMAIN)
def test_family_is_known_by_its_domain(domain: str) -> None:
    """Generic names have their class where the setter is known, and none elsewhere."""
    cls, names = WITH_DOMAIN[domain]
    shipped = catalogue()
    for name in names.split():
        assert cls == shipped.classify(name, domain=domain).cls
        assert cls == shipped.classify(name, domain="www." + domain).cls
        assert shipped.classify(name, domain="shop.example").cls is None
        assert shipped.rule_for(name.encode()) is None


@pytest.mark.parametrize("cls", DISTINCTIVE)
def test_distinctive_name_needs_no_domain(cls: str) -> None:
    """What only one vendor writes is known by its name."""
    names = DISTINCTIVE[cls].split()
    shipped = catalogue()
    assert dict.fromkeys(names, cls) == {name: shipped.classify(name).cls for name in names}
