/* Generated from the server's OpenAPI description by web/scripts/generate-types.mjs. */

export interface paths {
    "/api/access/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Account
         * @description My account, and what I can sign in with.
         */
        get: operations["access_show_account"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/account/passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add Passkey
         * @description Take a new passkey into use.
         */
        post: operations["access_add_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/account/passkeys/{passkey_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove Passkey
         * @description Do without a passkey.
         */
        delete: operations["access_remove_passkey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/account/passkeys/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin Passkey
         * @description What to ask the browser for, to make a passkey.
         */
        post: operations["access_begin_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/account/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set Password
         * @description Set or change my password; my other sessions end.
         */
        put: operations["access_set_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/account/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * New Recovery Codes
         * @description Fresh recovery codes; the old ones are void.
         */
        post: operations["access_new_recovery_codes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/account/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Sessions
         * @description Where I am signed in.
         */
        get: operations["access_list_sessions"];
        put?: never;
        post?: never;
        /**
         * End Other Sessions
         * @description Sign out everywhere but here.
         */
        delete: operations["access_end_other_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/account/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End Session
         * @description Sign out in one place.
         */
        delete: operations["access_end_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/account/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Tokens
         * @description My tokens.
         */
        get: operations["access_list_tokens"];
        put?: never;
        /**
         * Issue Token
         * @description Make a token that acts for me, where I act now; its secret is shown once.
         */
        post: operations["access_issue_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/account/tokens/{token_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke Token
         * @description End a token.
         */
        delete: operations["access_revoke_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/account/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Confirm Totp
         * @description Take the authenticator app into use by a first code; recovery codes come back, once.
         */
        put: operations["access_confirm_totp"];
        /**
         * Begin Totp
         * @description Begin to set up an authenticator app.
         */
        post: operations["access_begin_totp"];
        /**
         * Remove Totp
         * @description Do without the authenticator app.
         */
        delete: operations["access_remove_totp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Groups
         * @description The groups of one's organisation.
         */
        get: operations["access_list_groups"];
        put?: never;
        /**
         * Add Group
         * @description Add a group of people.
         */
        post: operations["access_add_group"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/groups/{group_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change Group
         * @description Change a group's name and members.
         */
        put: operations["access_change_group"];
        post?: never;
        /**
         * Remove Group
         * @description Remove a group.
         */
        delete: operations["access_remove_group"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/institutions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Institutions
         * @description The institutions that people may sign in by.
         */
        get: operations["access_list_institutions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/institutions/{provider_id}/back-channel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Back Channel Logout
         * @description An institution says that somebody signed out there (Back-Channel Logout 1.0).
         */
        post: operations["access_back_channel_logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/institutions/{provider_id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Start At Institution
         * @description Send the browser to an institution; it comes back, and goes on to `to`.
         */
        get: operations["access_start_at_institution"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/institutions/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Come Back From Institution
         * @description Where an institution sends the browser back to, with a code when all is well.
         */
        get: operations["access_come_back_from_institution"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Me
         * @description Who is signed in, and what they may do.
         */
        get: operations["access_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/me/organisation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Act In
         * @description Act in another organisation; what was opened in the first one is closed.
         */
        put: operations["access_act_in"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/me/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Settings
         * @description How I want my screens; what I never said is as the app has it.
         */
        get: operations["access_show_settings"];
        /**
         * Keep Settings
         * @description Keep how I want my screens, in the place of what was kept.
         */
        put: operations["access_keep_settings"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/organisations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Organisations
         * @description All organisations of the node.
         */
        get: operations["access_list_organisations"];
        put?: never;
        /**
         * Add Organisation
         * @description Add an organisation.
         */
        post: operations["access_add_organisation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/organisations/{organisation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change Organisation
         * @description Change what is stated of an organisation.
         */
        put: operations["access_change_organisation"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List People
         * @description The people of an organisation by name; `q` matches every word.
         */
        get: operations["access_list_people"];
        put?: never;
        /**
         * Add Person
         * @description Invite somebody, or make a service account.
         */
        post: operations["access_add_person"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/people/{person_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Person
         * @description One person of an organisation.
         */
        get: operations["access_show_person"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Rename Person
         * @description Change how somebody is called on screen.
         */
        patch: operations["access_rename_person"];
        trace?: never;
    };
    "/api/access/people/{person_id}/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reset Person
         * @description A one-time link by which somebody sets a new password; the old one is void.
         */
        post: operations["access_reset_person"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/people/{person_id}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set Roles
         * @description Give somebody exactly these roles.
         */
        put: operations["access_set_roles"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/people/{person_id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Sign Person Out
         * @description End all sessions of somebody.
         */
        delete: operations["access_sign_person_out"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/people/{person_id}/suspension": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Suspend Person
         * @description Keep somebody out, at once.
         */
        post: operations["access_suspend_person"];
        /**
         * Reinstate Person
         * @description Let somebody in again.
         */
        delete: operations["access_reinstate_person"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/people/{person_id}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Service Tokens
         * @description The tokens of a service account.
         */
        get: operations["access_list_service_tokens"];
        put?: never;
        /**
         * Issue Service Token
         * @description Make a token of a service account; its secret is shown once.
         */
        post: operations["access_issue_service_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/people/{person_id}/tokens/{token_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke Service Token
         * @description End a token of a service account.
         */
        delete: operations["access_revoke_service_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Providers
         * @description All institutions with their settings, but their secrets.
         */
        get: operations["access_list_providers"];
        put?: never;
        /**
         * Add Provider
         * @description Add an institution.
         */
        post: operations["access_add_provider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/providers/{provider_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change Provider
         * @description Change the settings of an institution.
         */
        put: operations["access_change_provider"];
        post?: never;
        /**
         * Remove Provider
         * @description Do without an institution; the roles that its groups gave end.
         */
        delete: operations["access_remove_provider"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/providers/{provider_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Test Provider
         * @description Try an institution as far as that goes without a person; the problem says what is wrong.
         */
        post: operations["access_test_provider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/sign-in/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign In By Link
         * @description Spend a one-time link.
         */
        post: operations["access_sign_in_by_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/sign-in/passkey": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign In By Passkey
         * @description Sign in by a passkey; no name is needed.
         */
        post: operations["access_sign_in_by_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/sign-in/passkey/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin Sign In By Passkey
         * @description What to ask the browser for.
         */
        post: operations["access_begin_sign_in_by_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/sign-in/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign In By Password
         * @description Sign in; a ticket in the answer means that a second factor has to follow.
         */
        post: operations["access_sign_in_by_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/sign-in/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign In By Second Factor
         * @description Finish a sign-in by the code of an authenticator app, or a recovery code.
         */
        post: operations["access_sign_in_by_second_factor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign Out
         * @description End this session and every opening made in it.
         */
        post: operations["access_sign_out"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/annotations/classes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Classes
         * @description The classes of one's organisation.
         */
        get: operations["annotations_list_classes"];
        /**
         * Define Classes
         * @description State the classes of one's organisation.
         */
        put: operations["annotations_define_classes"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/annotations/images/{image_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Annotations
         * @description What is drawn on an image, or with `since` what changed after that sequence; cheap to poll.
         */
        get: operations["annotations_list_annotations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/annotations/images/{image_id}/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give Command
         * @description Add, change and remove annotations, all at once or not at all. The answer holds what changed after
         *     `since`, or by this command.
         */
        post: operations["annotations_give_command"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/annotations/images/{image_id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export
         * @description What is drawn on an image as a file. `x-hemalum-left-out` counts what the form cannot hold.
         */
        get: operations["annotations_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/annotations/images/{image_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List History
         * @description Who did what to the annotations of an image, oldest first.
         */
        get: operations["annotations_list_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/annotations/images/{image_id}/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import File
         * @description Add what stands in a file of another program; what cannot be drawn is skipped and named.
         */
        post: operations["annotations_import_file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/annotations/images/{image_id}/redo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Redo
         * @description Do again what one has undone last.
         */
        post: operations["annotations_redo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/annotations/images/{image_id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undo
         * @description Take back one's own last command on this image.
         */
        post: operations["annotations_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appraisal/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Drift
         * @description Scanners and stains of a time: medians by week, and whether they are what they were.
         */
        get: operations["appraisal_show_drift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appraisal/drift.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Drift
         * @description The scans of a time as a table.
         */
        get: operations["appraisal_export_drift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appraisal/drift/slides": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Drift Slides
         * @description The newest scans of a line in a week that the actor may see.
         */
        get: operations["appraisal_list_drift_slides"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appraisal/images/{image_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Appraisal
         * @description Tissue, ink, folds, edges of glass and blur of a scan, or why they are not told.
         */
        get: operations["appraisal_show_appraisal"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/apps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Apps
         * @description The apps of the organisation.
         */
        get: operations["apps_list_apps"];
        put?: never;
        /**
         * Register
         * @description Register an app; its secret, if it has one, is shown once.
         */
        post: operations["apps_register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/apps/{app_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change
         * @description State anew what an app may ask for.
         */
        put: operations["apps_change"];
        post?: never;
        /**
         * Remove
         * @description End an app, and all that it was let do.
         */
        delete: operations["apps_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/apps/{app_id}/launches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Launch
         * @description Open an app beside a patient.
         */
        post: operations["apps_launch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/apps/{app_id}/secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * New Secret
         * @description A new secret in the place of the one before.
         */
        post: operations["apps_new_secret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/apps/authorisations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Authorisations
         * @description What I let apps do.
         */
        get: operations["apps_list_authorisations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/apps/authorisations/{authorisation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End Authorisation
         * @description Let an app do it no longer.
         */
        delete: operations["apps_end_authorisation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/apps/launchable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Launchable
         * @description Apps that are opened beside a patient.
         */
        get: operations["apps_list_launchable"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/apps/requests/allow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Allow
         * @description Let the app do some of it.
         */
        post: operations["apps_allow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/apps/requests/refuse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refuse
         * @description Let the app do nothing.
         */
        post: operations["apps_refuse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/apps/requests/show": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Show Request
         * @description What an app asks me for.
         */
        post: operations["apps_show_request"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit/choices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Choices
         * @description What there is to choose from when looking for entries.
         */
        get: operations["audit_choices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Entries
         * @description Entries, newest first. What is added meanwhile does not move the pages that follow.
         */
        get: operations["audit_list_entries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit/entries/{index}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Entry
         * @description One entry with all its detail.
         */
        get: operations["audit_show_entry"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit/entries/{index}/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Prove Entry
         * @description The proof that an entry is in the log (C2SP tlog-proof), for `hemalum-verify` or any other program.
         */
        get: operations["audit_prove_entry"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit/entries/{index}/raw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Raw Entry
         * @description The bytes of an entry as they lie in the log: SHA-256 of a zero byte and them is its leaf hash.
         */
        get: operations["audit_raw_entry"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit/erasures/{subject}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase
         * @description Make what the log tells of a person unreadable for good. Entries and proofs stay as they are.
         */
        post: operations["audit_erase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit/export.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Csv
         * @description All entries that are asked for, oldest first.
         */
        get: operations["audit_export_csv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit/flags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Flags
         * @description Flags, the newest first.
         */
        get: operations["audit_list_flags"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit/flags/{flag_id}/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Acknowledge
         * @description Say what became of a flag; it stands in the log.
         */
        post: operations["audit_acknowledge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit/slides/{image_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow Slide
         * @description What happened to a slide, and who saw it; its entries are listed by `target`.
         */
        get: operations["audit_follow_slide"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/cases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accession Case
         * @description Begin a case from an order that was typed in.
         */
        post: operations["cases_accession_case"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/cases/{case_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Case
         * @description A case with all its material.
         */
        get: operations["cases_show_case"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Triage Case
         * @description State priority, subspecialty and target.
         */
        patch: operations["cases_triage_case"];
        trace?: never;
    };
    "/api/cases/cases/{case_id}/assignment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Assign Case
         * @description Give a case to somebody, hand it over, or let nobody have it.
         */
        post: operations["cases_assign_case"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/cases/{case_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Case Events
         * @description What happened to a case, oldest first.
         */
        get: operations["cases_list_case_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/cases/{case_id}/labels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Print Labels
         * @description Labels of parts, blocks and slides, a file for a printer; what was planned is labelled from then on.
         */
        post: operations["cases_print_labels"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/cases/{case_id}/material": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add Material
         * @description Another part, block or slide.
         */
        post: operations["cases_add_material"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/cases/{case_id}/request": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Request
         * @description What was asked; empty where nothing was.
         */
        get: operations["cases_show_request"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/cases/{case_id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move Case
         * @description Bring a case on, or back.
         */
        post: operations["cases_move_case"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/images/{image_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Case Of Image
         * @description Which slide of which case an image is the scan of.
         */
        get: operations["cases_show_case_of_image"];
        /**
         * Link Image
         * @description Say which slide an image is the scan of.
         */
        put: operations["cases_link_image"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/images/{image_id}/comparison": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Compare Image
         * @description What the file of an image says of the patient, beside what its case says.
         */
        get: operations["cases_compare_image"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/images/{image_id}/take-over": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take Over
         * @description Let the case have fields that only the file states.
         */
        post: operations["cases_take_over"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/images/{image_id}/unlink": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Unlink Image
         * @description Say that an image is not of the slide that it is linked to.
         */
        post: operations["cases_unlink_image"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/material/{material_id}/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Code
         * @description The two-dimensional code for the label, as SVG: a QR code of the identifier and of nothing else.
         */
        get: operations["cases_show_code"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/material/{material_id}/stage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move Material
         * @description Say where a part, block or slide is now.
         */
        post: operations["cases_move_material"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/patients/{patient_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Patient
         * @description One patient.
         */
        get: operations["cases_show_patient"];
        /**
         * Correct Patient
         * @description State anew who a patient is.
         */
        put: operations["cases_correct_patient"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/patients/{patient_id}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Merge Patients
         * @description Say that a patient is the same person as another one, who is answered.
         */
        post: operations["cases_merge_patients"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/patients/{patient_id}/unmerge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Unmerge Patients
         * @description Take a merger back.
         */
        post: operations["cases_unmerge_patients"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/patients/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find Patients
         * @description Whom a number belongs to.
         */
        post: operations["cases_find_patients"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count Queues
         * @description How many cases lie in each queue, for a worklist that wants to know whether anything changed.
         */
        get: operations["cases_count_queues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/readers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Readers
         * @description Whom a case can be given to, by name.
         */
        get: operations["cases_list_readers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Search Cases
         * @description A part of a list of cases: the most pressing first, then what models say so of, then what is due
         *     first.
         */
        post: operations["cases_search_cases"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/turnaround": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Turnaround
         * @description How long cases took that became final in a period, and how old those are that are open now.
         */
        get: operations["cases_show_turnaround"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cases/turnaround.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Turnaround
         * @description The cases of a period with when each reached what, as a table; readers for those who may know them.
         */
        get: operations["cases_export_turnaround"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conformity/images/{image_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Slide
         * @description How far the metadata of a slide conform, element by element.
         */
        get: operations["conformity_show_slide"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conformity/images/{image_id}/record": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Send Record
         * @description The record of a slide as canonical JSON (docs/reference/metadata-profile.md).
         */
        get: operations["conformity_send_record"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conformity/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Report
         * @description How far the metadata of the organisation's slides conform.
         */
        get: operations["conformity_show_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conformity/report.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Send Report
         * @description The same for spreadsheets.
         */
        get: operations["conformity_send_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conformity/slides": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Slides
         * @description Slides of which an element is so, or the worst of all; those of the newest month first, 200 at most.
         */
        get: operations["conformity_list_slides"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conformity/terms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Terms
         * @description All code tables of the profile.
         */
        get: operations["conformity_list_terms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conformity/words": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Mappings
         * @description What the words of the organisation stand for, newest first; with those that ended, its history.
         */
        get: operations["conformity_list_mappings"];
        put?: never;
        /**
         * Map Word
         * @description Say what a word stands for; its slides are judged anew.
         */
        post: operations["conformity_map_word"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conformity/words.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Send Mappings
         * @description The same for spreadsheets, and for another laboratory.
         */
        get: operations["conformity_send_mappings"];
        put?: never;
        /**
         * Take Mappings
         * @description Take over the mappings of a file, all or none.
         */
        post: operations["conformity_take_mappings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conformity/words/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Unmap Word
         * @description Say that a word stands for nothing any more but what is shipped.
         */
        post: operations["conformity_unmap_word"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conformity/words/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Preview Mapping
         * @description What a mapping would change.
         */
        post: operations["conformity_preview_mapping"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conformity/words/unknown": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Unknown Words
         * @description Words that nobody mapped, those of most slides first.
         */
        get: operations["conformity_list_unknown_words"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/chain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Verify Chain
         * @description Look at the organisation's chain: at every link once a day, otherwise at those that are new.
         */
        get: operations["custody_verify_chain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/containers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Containers
         * @description All containers, the largest kinds first.
         */
        get: operations["custody_list_containers"];
        put?: never;
        /**
         * Add Container
         * @description A new container, with a code to be printed on it.
         */
        post: operations["custody_add_container"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/containers/{container_code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Container
         * @description A container with what lies in it.
         */
        get: operations["custody_show_container"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/containers/{container_code}/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Container Code
         * @description The two-dimensional code for its label, as SVG.
         */
        get: operations["custody_show_container_code"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/containers/{container_code}/contents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put In
         * @description Put a piece, or another container with all that lies in it, into a container.
         */
        post: operations["custody_put_in"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/containers/{container_code}/removals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take Out
         * @description Take something out of a container; whoever does has it.
         */
        post: operations["custody_take_out"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/discards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Discards
         * @description Proposals that wait for a second person, then what became of the others.
         */
        get: operations["custody_list_discards"];
        put?: never;
        /**
         * Propose Discard
         * @description Propose to discard pieces; somebody else confirms.
         */
        post: operations["custody_propose_discard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/discards/{discard_id}/confirmation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm Discard
         * @description Discard what somebody else proposed.
         */
        post: operations["custody_confirm_discard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/discards/{discard_id}/withdrawal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Withdraw Discard
         * @description Say that a proposal is not to be carried out.
         */
        post: operations["custody_withdraw_discard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/events/{number}/correction": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Correct Event
         * @description Say that the last that happened to a piece was a mistake; both stay in the chain.
         */
        post: operations["custody_correct_event"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/finds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find Piece
         * @description Say that a lost piece was found; it is at the stage at which it was lost.
         */
        post: operations["custody_find_piece"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/gaps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Gaps
         * @description Pieces on the bench that nobody scanned for so many hours, with the step where they are expected.
         */
        get: operations["custody_list_gaps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/loans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Loans
         * @description What is out, the first due first, then what came back last.
         */
        get: operations["custody_list_loans"];
        put?: never;
        /**
         * Lend Piece
         * @description Lend a block or slide that is filed.
         */
        post: operations["custody_lend_piece"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/loans/return": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Return Piece
         * @description Say that a block or slide came back.
         */
        post: operations["custody_return_piece"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/lost": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Lost
         * @description Pieces that are lost, the most pressing first.
         */
        get: operations["custody_list_lost"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/mishaps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tell Mishap
         * @description Say that a piece was lost, or broke.
         */
        post: operations["custody_tell_mishap"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/points": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Points
         * @description The stations where codes are scanned, in the order of the bench.
         */
        get: operations["custody_list_points"];
        put?: never;
        /**
         * Add Point
         * @description A new station.
         */
        post: operations["custody_add_point"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/points/{point_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change Point
         * @description Call a station otherwise, retire it, or use it again.
         */
        patch: operations["custody_change_point"];
        trace?: never;
    };
    "/api/custody/points/{point_id}/scans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Scans
         * @description What happened at a station lately, the newest first, with what was refused.
         */
        get: operations["custody_list_scans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/points/{point_id}/waiting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Waiting
         * @description The pieces that should come to a station next, the most pressing first.
         */
        get: operations["custody_list_waiting"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/points/all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List All Points
         * @description The same with those that are retired, for who manages them.
         */
        get: operations["custody_list_all_points"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/scans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Scan Code
         * @description A code was read at a station. What is refused is written down, too.
         */
        post: operations["custody_scan_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/custody/where": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find Whereabouts
         * @description Where the piece or container with this code is, who had it, and all that happened to it.
         */
        post: operations["custody_find_whereabouts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/grossing/cases/{case_id}/cassettes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Cassettes
         * @description The cassettes of a case, with what was put into each.
         */
        get: operations["grossing_list_cassettes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/grossing/cases/{case_id}/photographs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Photographs
         * @description The photographs of a case, by the piece that they show.
         */
        get: operations["grossing_list_photographs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/grossing/material/{material_id}/contents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Describe Contents
         * @description State what was put into a cassette; what was said before stays kept.
         */
        put: operations["grossing_describe_contents"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/grossing/material/{material_id}/photographs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add Photograph
         * @description Keep the picture in the body (JPEG, PNG or WebP) as a photograph of a part or block.
         */
        post: operations["grossing_add_photograph"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/grossing/photographs/{photograph_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Photograph
         * @description A photograph as JPEG; `small` for a list.
         */
        get: operations["grossing_show_photograph"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/grossing/photographs/{photograph_id}/scale": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set Scale
         * @description State the scale of a photograph by the ruler in it, or take it back.
         */
        put: operations["grossing_set_scale"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/grossing/photographs/{photograph_id}/withdrawal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Withdraw Photograph
         * @description Say that a photograph was entered in error.
         */
        post: operations["grossing_withdraw_photograph"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inference/cases/{case_id}/findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Offered Findings
         * @description The models in use for patients that have findings for the report of a case.
         */
        get: operations["inference_list_offered_findings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inference/cases/{case_id}/findings/{version_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reveal Findings
         * @description Draw what a model found into the report as a draft. That one asked for it is kept.
         */
        post: operations["inference_reveal_findings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inference/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Compare Versions
         * @description Two versions, by their ids in this organisation, on the slides on which both were run.
         */
        get: operations["inference_compare_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inference/images/{image_id}/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Models For Slide
         * @description The models of one's organisation, each with whether it may run on this slide.
         */
        get: operations["inference_list_models_for_slide"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inference/images/{image_id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Runs Of Slide
         * @description What models said of a slide, and what they are at; newest first.
         */
        get: operations["inference_list_runs_of_slide"];
        put?: never;
        /**
         * Start Runs
         * @description Run models over a slide; those that may not are refused, and say why.
         */
        post: operations["inference_start_runs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inference/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Runs
         * @description The newest runs of one's organisation.
         */
        get: operations["inference_list_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inference/runs/{run_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel Run
         * @description Stop a run.
         */
        post: operations["inference_cancel_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inference/runs/{run_id}/embeddings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Embeddings
         * @description The embeddings of a run of an encoder, as .npz with places in um. It stands in the log first.
         */
        get: operations["inference_export_embeddings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inference/runs/{run_id}/engines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Engines
         * @description What a run was computed on; most often one. Empty for runs of which that was not kept.
         */
        get: operations["inference_list_engines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inference/runs/{run_id}/measurements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Measurements
         * @description What a run measured, as a DICOM structured report (TID 1500). It stands in the log first.
         */
        get: operations["inference_export_measurements"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inference/runs/{run_id}/patches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Patches
         * @description What a model said: its patches (CSV, Parquet), or its regions or cells (GeoJSON). Logged first.
         */
        get: operations["inference_export_patches"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inference/runs/{run_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retry Run
         * @description Run the same version over the same slide once more; what came out before stays.
         */
        post: operations["inference_retry_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inference/runs/{run_id}/segmentation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Segmentation
         * @description What a model said of each patch, as a tiled DICOM Segmentation. It stands in the log first.
         */
        get: operations["inference_export_segmentation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interfaces/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Connections
         * @description How the connections to other systems stand, and how many messages are in which state.
         */
        get: operations["interfaces_list_connections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interfaces/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Messages
         * @description A page of messages, newest first.
         */
        get: operations["interfaces_list_messages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interfaces/messages/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Message
         * @description A message by its segments; what is about a patient is masked, unless one may know the patient.
         */
        get: operations["interfaces_show_message"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interfaces/messages/{number}/correction": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Correct Message
         * @description Correct a dead letter and do or send it; answers the correction, which is a message of its own.
         */
        post: operations["interfaces_correct_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interfaces/messages/{number}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Discard Message
         * @description Say that a message is not to be done or sent.
         */
        post: operations["interfaces_discard_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interfaces/messages/{number}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replay Message
         * @description Do a dead letter once more, or send it once more.
         */
        post: operations["interfaces_replay_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/layers/images/{image_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Layers
         * @description The layers of a slide, oldest first.
         */
        get: operations["layers_list_layers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/layers/images/{image_id}/{layer_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Layer
         * @description All that a viewer needs of a layer before the first tile.
         */
        get: operations["layers_show_layer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/layers/images/{image_id}/{layer_id}/dicom": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Layer As Dicom
         * @description A layer as a DICOM object: bulk annotations, or a parametric map. It stands in the log first.
         */
        get: operations["layers_export_layer_as_dicom"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/layers/images/{image_id}/{layer_id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Layer
         * @description The cells of a layer as a file: GeoJSON that QuPath opens, CSV, or Parquet, which takes heatmaps, too.
         *
         *     It stands in the log first.
         */
        get: operations["layers_export_layer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/layers/images/{image_id}/{layer_id}/pick": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Pick Cell
         * @description The cell whose outline holds a place (level-0 pixels), else the nearest within reach.
         */
        get: operations["layers_pick_cell"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/archives": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add Archive
         * @description Check the model in a .zip or .tar step by step, and add it as research where nothing is wrong.
         */
        post: operations["models_add_archive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/encoders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Encoders
         * @description The foundation encoders that are known, each with its licence, and whether it is here.
         */
        get: operations["models_list_encoders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/publishers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Publishers
         * @description Whose signatures count here.
         */
        get: operations["models_list_publishers"];
        put?: never;
        /**
         * Trust Publisher
         * @description Let the signature of a publisher count.
         */
        post: operations["models_trust_publisher"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/publishers/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Distrust Publisher
         * @description Let the signature of a publisher count no longer.
         */
        post: operations["models_distrust_publisher"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Versions
         * @description The versions of all models, by model, those added last first.
         */
        get: operations["models_list_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/versions/{version_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Version
         * @description A version with all that is known of it.
         */
        get: operations["models_show_version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/versions/{version_id}/chai.xml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Chai
         * @description The Applied Model Card of the Coalition for Health AI.
         */
        get: operations["models_export_chai"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/versions/{version_id}/facts.pdf": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Print Facts
         * @description The facts label as a PDF of one page.
         */
        get: operations["models_print_facts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/versions/{version_id}/fit/{image_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Fit
         * @description Whether a version may run on a slide now, and what speaks against it.
         */
        get: operations["models_show_fit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/versions/{version_id}/licence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept Licence
         * @description Accept the licence of a version in one's own name.
         */
        post: operations["models_accept_licence"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/versions/{version_id}/monai.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Monai
         * @description The metadata of a MONAI bundle.
         */
        get: operations["models_export_monai"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/versions/{version_id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set Status
         * @description Use a version for something else from now on; release and withdrawal ask for `models.release`.
         */
        post: operations["models_set_status"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/versions/{version_id}/validations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record Validation
         * @description Keep what the laboratory found when it tried a version.
         */
        post: operations["models_record_validation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/orders/cases/{case_id}/placed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Placed
         * @description The orders of clinicians that a case fulfils.
         */
        get: operations["orders_list_placed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/orders/cases/{case_id}/work": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Case Work
         * @description The work orders of a case, oldest first.
         */
        get: operations["orders_list_case_work"];
        put?: never;
        /**
         * Request Work
         * @description Ask for further work; answers all work orders of the case.
         */
        post: operations["orders_request_work"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/orders/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count Work
         * @description How many work orders are open, by state and by case.
         */
        get: operations["orders_count_work"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/orders/panels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Panels
         * @description The usual stains of the laboratory, and those that are usually asked for together.
         */
        get: operations["orders_list_panels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/orders/placed/{order_id}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move Placed
         * @description Hold an order of a clinician, release it, or revoke it.
         */
        post: operations["orders_move_placed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/orders/work": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Work
         * @description Work orders for the bench, those that are open unless others are asked for: the most pressing first.
         */
        get: operations["orders_list_work"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/orders/work-orders/{order_id}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move Work
         * @description Accept an order, reject it, begin, finish or cancel it.
         */
        post: operations["orders_move_work"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Plans
         * @description What is read again, the newest plan first.
         */
        get: operations["quality_list_plans"];
        put?: never;
        /**
         * Set Plan
         * @description Set a plan that is in force from tomorrow on.
         */
        post: operations["quality_set_plan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/plans/{plan_id}/days/{day}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Prove Day
         * @description The seed of a day that is over, and the lot of every case of that day. That it was told is recorded.
         */
        get: operations["quality_prove_day"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/plans/{plan_id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End Plan
         * @description End a plan with this day.
         */
        post: operations["quality_end_plan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/rates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Rates
         * @description How often second readings differed; who signed is told to those who manage quality.
         */
        get: operations["quality_show_rates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/rates.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Rates
         * @description The completed rereads of a time as a table; who signed for those who manage quality.
         */
        get: operations["quality_export_rates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/rereads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Rereads
         * @description A list of the board, the newest first.
         */
        get: operations["quality_list_rereads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/rereads/{reread_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Reread
         * @description One reread.
         */
        get: operations["quality_show_reread"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/rereads/{reread_id}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answer Reread
         * @description Say what was seen.
         */
        post: operations["quality_answer_reread"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/rereads/{reread_id}/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin Reread
         * @description Take a case to read it a second time, or to decide where readings differ.
         */
        post: operations["quality_begin_reread"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/rereads/{reread_id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check Reread
         * @description What answers amount to, without keeping them.
         */
        post: operations["quality_check_reread"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/rereads/{reread_id}/comparison": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Compare Reread
         * @description All readings side by side: for the third reader, and for others once it is decided.
         */
        get: operations["quality_compare_reread"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/rereads/{reread_id}/decision": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide Reread
         * @description Say which reading stands. Nothing is amended by it.
         */
        post: operations["quality_decide_reread"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/rereads/{reread_id}/give-back": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give Reread Back
         * @description Let somebody else have it.
         */
        post: operations["quality_give_reread_back"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/rereads/{reread_id}/give-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give Reread Up
         * @description End a reread that cannot be completed.
         */
        post: operations["quality_give_reread_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quality/rereads/{reread_id}/model-readings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hand Model Reading In
         * @description Hand the second reading of a model in.
         */
        post: operations["quality_hand_model_reading_in"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reading/images/{image_id}/coverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Coverage
         * @description What I saw of an image, at which power, and where its tissue is.
         */
        get: operations["reading_show_coverage"];
        put?: never;
        /**
         * Mark Seen
         * @description Add to what I saw of an image. Nothing seen is ever unseen.
         */
        post: operations["reading_mark_seen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reading/images/{image_id}/coverage/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Coverage
         * @description What I saw of an image, as a file.
         */
        get: operations["reading_export_coverage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reading/images/{image_id}/readers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Readers
         * @description Who looked at an image of one's organisation, and how far they got. Stands in the log.
         */
        get: operations["reading_list_readers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reading/images/{image_id}/readers/{person_id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Reader
         * @description What somebody saw of an image of one's organisation, as a file. Stands in the log.
         */
        get: operations["reading_export_reader"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reading/images/{image_id}/reveals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Reveals
         * @description What of models I had shown on an image, the first first.
         */
        get: operations["reading_list_reveals"];
        put?: never;
        /**
         * Tell Reveal
         * @description Keep that I had something shown which a model found. Only the first time counts.
         */
        post: operations["reading_tell_reveal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reading/progress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Progress
         * @description How far I am with those of these images that I have looked at.
         */
        get: operations["reading_list_progress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/registration/images/{image_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Transforms
         * @description The transforms between a slide and others that one may see.
         */
        get: operations["registration_list_transforms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/registration/images/{image_id}/to/{other_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Transform
         * @description The transform between two slides, whichever way round it was saved.
         */
        get: operations["registration_show_transform"];
        /**
         * Save Transform
         * @description Keep a transform between two slides in the place of the one that is known to be there.
         */
        put: operations["registration_save_transform"];
        post?: never;
        /**
         * Remove Transform
         * @description Remove the transform between two slides, if there is one.
         */
        delete: operations["registration_remove_transform"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/registration/images/{image_id}/to/{other_id}/displacements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read Displacements
         * @description The grid of the transform between two slides; 204 when there is none, or of another transform.
         */
        get: operations["registration_read_displacements"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Report
         * @description The report of a case, of which there may be no version yet. That it was read is recorded.
         */
        get: operations["reports_show_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/amend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Amend Report
         * @description Begin to change a signed report, by a new draft.
         */
        post: operations["reports_amend_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/amendment/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Withdraw Amendment
         * @description Give up an amendment that is not signed: what was signed before stands again.
         */
        post: operations["reports_withdraw_amendment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check Report
         * @description What a content amounts to, without keeping it.
         */
        post: operations["reports_check_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/cosign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cosign Report
         * @description Agree with a signed version as a second pathologist.
         */
        post: operations["reports_cosign_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/critical": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Critical
         * @description The critical results of a case.
         */
        get: operations["reports_list_critical"];
        put?: never;
        /**
         * Flag Critical
         * @description Say that somebody has to hear this at once.
         */
        post: operations["reports_flag_critical"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/dictation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Dictate
         * @description The text of the recording in the body (WebM, Ogg, MP4 or WAV, 16 MiB at most). Nothing is kept.
         */
        post: operations["reports_dictate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/difference": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Compare Report Versions
         * @description What a version says otherwise than another, answer by answer and word by word.
         */
        get: operations["reports_compare_report_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Findings
         * @description What programs found of a case, the newest first, and what became of it.
         */
        get: operations["reports_list_findings"];
        put?: never;
        /**
         * Hand In Findings
         * @description Draw findings of models into the report as a draft; the same once more changes nothing.
         */
        post: operations["reports_hand_in_findings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/findings/{submission_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel Draft Wording
         * @description Call off the language model that is to word the draft.
         */
        post: operations["reports_cancel_draft_wording"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/preliminary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hand Over Report
         * @description Make a draft preliminary, for a pathologist to sign.
         */
        post: operations["reports_hand_over_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/sign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign Report
         * @description Sign a version: the case is final with it.
         */
        post: operations["reports_sign_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write Report
         * @description Keep a draft as the next version; the same once more answers the version that there is.
         */
        post: operations["reports_write_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/versions/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Report Version
         * @description One version with what it says.
         */
        get: operations["reports_show_report_version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/cases/{case_id}/versions/{number}.pdf": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Print Report
         * @description One version as PDF, labelled in the language asked for or else in its own.
         */
        get: operations["reports_print_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/critical": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Open Critical
         * @description Critical results that nobody acknowledged yet, the oldest first.
         */
        get: operations["reports_list_open_critical"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/critical/{critical_id}/acknowledgement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Acknowledge Critical
         * @description Write down that whoever was called repeated it rightly.
         */
        post: operations["reports_acknowledge_critical"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/critical/{critical_id}/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Call Critical
         * @description Write down that somebody was called.
         */
        post: operations["reports_call_critical"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/dictation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Dictation
         * @description Whether one can dictate here, and for how long at once.
         */
        get: operations["reports_show_dictation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Templates
         * @description The templates that reports can be filled into.
         */
        get: operations["reports_list_templates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/templates/{template_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Template
         * @description A template with all that it asks; of a digest, the very one that reports were filled into.
         */
        get: operations["reports_show_template"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/glass": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Glass
         * @description Slides of one's own organisation that were opened in an emergency, newest first.
         */
        get: operations["slides_list_glass"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/glass/{glass_id}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Review Glass
         * @description Say whether that was justified.
         */
        post: operations["slides_review_glass"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Images
         * @description A part of the library: what one could open for the purpose of the request.
         */
        get: operations["slides_list_images"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Image
         * @description All that is known of an image, in any state.
         */
        get: operations["slides_show_image"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel Image
         * @description Stop taking in an image; it is quarantined, and can be tried again.
         */
        post: operations["slides_cancel_image"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/channels/{channel}/histogram": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Histogram
         * @description How often each sample of a channel occurs, counted over one level.
         */
        get: operations["slides_show_histogram"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/clinical": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Clinical
         * @description What the file says of the patient and the case, as its scanner was told.
         */
        get: operations["slides_show_clinical"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/glass": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Break Glass
         * @description Open a slide in an emergency that policy keeps from one: for four hours, recorded and reviewed.
         */
        post: operations["slides_break_glass"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/label": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Label
         * @description The glass label, which may carry a patient's name.
         */
        get: operations["slides_show_label"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/look": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set Look
         * @description Let every reader begin with these settings.
         */
        put: operations["slides_set_look"];
        post?: never;
        /**
         * Forget Look
         * @description Let readers begin with what the file proposes again.
         */
        delete: operations["slides_forget_look"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/macro": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Macro
         * @description The photograph of the whole glass, which may show the label.
         */
        get: operations["slides_show_macro"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/metadata": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Describe Image
         * @description State elements of the metadata; null takes a stated value back.
         */
        patch: operations["slides_describe_image"];
        trace?: never;
    };
    "/api/slides/images/{image_id}/openings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open Image
         * @description Open an image: a ticket for its tiles, and what to know to show them. It stands in the log first.
         *
         *     The ticket is good with the session or token of this request only.
         */
        post: operations["slides_open_image"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/original": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Send Original
         * @description The bytes that were ingested; `number` chooses one of several files. Answers range requests.
         *
         *     Who may not see the label, or what the file says of the patient, gets no original that holds it.
         */
        get: operations["slides_send_original"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/region": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Region
         * @description Pixels of a rectangle on the tissue, `spacing_um` apart.
         *
         *     Without `channel`, the channels of a fluorescence image are mixed as they are first shown. With it, PNG
         *     carries the samples themselves, JPEG the samples within the channel's window.
         */
        get: operations["slides_show_region"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retry Image
         * @description Take a quarantined image through ingest again.
         */
        post: operations["slides_retry_image"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/shares": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Shares
         * @description Where a slide was sent.
         */
        get: operations["slides_list_shares"];
        put?: never;
        /**
         * Share
         * @description Send a slide to another organisation, to be read there for a while; again, to change for how long.
         */
        post: operations["slides_share"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/shares/{organisation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End Share
         * @description Take a slide back from an organisation.
         */
        delete: operations["slides_end_share"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/terms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Terms
         * @description Protection, blinding, and what the patient agreed or objected to.
         */
        get: operations["slides_show_terms"];
        /**
         * Set Terms
         * @description Put a slide under other terms.
         */
        put: operations["slides_set_terms"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/images/{image_id}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Thumbnail
         * @description The whole image as sRGB JPEG, its longer side `width`.
         */
        get: operations["slides_show_thumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/integrity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Integrity
         * @description When slides were last checked, and what was found.
         */
        get: operations["slides_show_integrity"];
        put?: never;
        /**
         * Check Integrity
         * @description Begin to check all slides of the node now; answers the round at work.
         */
        post: operations["slides_check_integrity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/partners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Partners
         * @description The other organisations of the node, by name.
         */
        get: operations["slides_list_partners"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/purposes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Purposes
         * @description The purposes for which one may look at slides; the first is taken where none is stated.
         */
        get: operations["slides_list_purposes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/revision": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read Revision
         * @description A number that grows whenever the library changes.
         */
        get: operations["slides_read_revision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create
         * @description Begin an upload; the answer names it in Location.
         */
        post: operations["uploads_create"];
        delete?: never;
        /**
         * Show Abilities
         * @description What this server can do.
         */
        options: operations["options_api_slides_uploads"];
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slides/uploads/{upload_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show
         * @description An upload, and the image it became.
         */
        get: operations["uploads_show"];
        put?: never;
        post?: never;
        /**
         * Terminate
         * @description Drop an upload and its bytes.
         */
        delete: operations["uploads_terminate"];
        /**
         * Show Abilities
         * @description What this server can do.
         */
        options: operations["options_api_slides_uploads_upload_id_"];
        /**
         * Show Offset
         * @description How far an upload is.
         */
        head: operations["uploads_show_offset"];
        /**
         * Append
         * @description Add bytes at the offset where the upload is.
         */
        patch: operations["uploads_append"];
        trace?: never;
    };
    "/api/triage/cases/{case_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Triage Of Case
         * @description Why a case stands where it does, and what was said of its slides.
         */
        get: operations["triage_show_triage_of_case"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/triage/first-looks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List First Looks
         * @description How long the cases that came from `begin` on and before `end` waited for a first look, by band.
         */
        get: operations["triage_list_first_looks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/triage/points": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Points
         * @description The operating points of one's organisation, the newest first, with those that have ended.
         */
        get: operations["triage_list_points"];
        put?: never;
        /**
         * Set Point
         * @description Put a rule in force, in the place of the earlier one of this version for the same purpose.
         */
        post: operations["triage_set_point"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/triage/points/{point_id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End Point
         * @description Take a point out of force: no case stands where it does by it any more.
         */
        post: operations["triage_end_point"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/triage/points/fit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fit Point
         * @description Fit a rule on labelled slides on which the version has run, and put it in force.
         */
        post: operations["triage_fit_point"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Access
         * @description How one comes by the weights, whatever the licence allows.
         * @enum {string}
         */
        Access: "bundled" | "gated" | "local";
        /**
         * AccessionAsked
         * @description An order as it was typed in.
         */
        AccessionAsked: {
            /**
             * Foreign Numbers
             * @default []
             */
            foreign_numbers: components["schemas"]["PatientNumber"][];
            /** Parts */
            parts: components["schemas"]["PartOrdered"][];
            patient?: components["schemas"]["PatientIdentity"] | null;
            /** @default routine */
            priority: components["schemas"]["Priority"];
            /** Received At */
            received_at?: string | null;
            request?: components["schemas"]["RequestShown"] | null;
            /** @default general */
            subspecialty: components["schemas"]["Subspecialty"];
        };
        /**
         * AccountAnswer
         * @description My account.
         */
        AccountAnswer: {
            /** Asks Current Password */
            asks_current_password: boolean;
            /** Display Name */
            display_name: string;
            /** Has Password */
            has_password: boolean;
            /** Has Totp */
            has_totp: boolean;
            /** Name */
            name: string;
            /** Passkeys */
            passkeys: components["schemas"]["PasskeyKnown"][];
            /** Password Changed At */
            password_changed_at: string | null;
            /** Recovery Codes Left */
            recovery_codes_left: number;
        };
        /**
         * Acknowledgement
         * @description What became of a flag.
         */
        Acknowledgement: {
            /** Remark */
            remark: string;
        };
        /**
         * AcknowledgementAsked
         * @description What whoever was called repeated.
         */
        AcknowledgementAsked: {
            /** At */
            at?: string | null;
            /** By */
            by: string;
            /** Read Back */
            read_back: string;
        };
        /**
         * ActIn
         * @description Where to act from now on.
         */
        ActIn: {
            /** Organisation Id */
            organisation_id: string;
        };
        /**
         * Action
         * @description What happened to a subject.
         * @enum {string}
         */
        Action: "scan" | "put_in" | "take_out" | "hear" | "correct" | "lend" | "return" | "propose_discard" | "withdraw_discard" | "discard" | "lose" | "find" | "break";
        /**
         * AddAsked
         * @description To add an annotation.
         */
        AddAsked: {
            annotation: components["schemas"]["NewAnnotation"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            op: "add";
        };
        /**
         * Agreement
         * @description What came of holding one field beside the other.
         * @enum {string}
         */
        Agreement: "agrees" | "differs" | "only_file" | "only_case" | "empty";
        /**
         * AlignedBy
         * @description Somebody as others see them.
         */
        AlignedBy: {
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * Allowed
         * @description What the person lets the app do.
         */
        Allowed: {
            /**
             * Patient Id
             * @default
             */
            patient_id: string;
            /** Request */
            request: string;
            /** Scopes */
            scopes: components["schemas"]["Text"][];
        };
        /**
         * Amendment
         * @description What is to become of a report that was signed.
         * @enum {string}
         */
        Amendment: "amended" | "corrected" | "addended" | "entered_in_error";
        /**
         * AmendmentAsked
         * @description Why a signed report is changed.
         */
        AmendmentAsked: {
            kind: components["schemas"]["Amendment"];
            /** Reason */
            reason: string;
        };
        /**
         * AmendmentWithdrawal
         * @description Which amendment is given up, and why.
         */
        AmendmentWithdrawal: {
            /** Reason */
            reason: string;
            /** Sha256 */
            sha256: string;
            /** Version */
            version: number;
        };
        /**
         * AnnotationClass
         * @description A class that annotations can be given, with how it looks.
         */
        AnnotationClass: {
            /** Colour */
            colour: string;
            /** Name */
            name: string;
            /** Shape */
            shape: string;
        };
        /**
         * AnnotationHistory
         * @description A part of the history, oldest first.
         */
        AnnotationHistory: {
            /** Items */
            items: components["schemas"]["AnnotationHistoryEntry"][];
            /** Offset */
            offset: number;
            /** Total */
            total: number;
        };
        /**
         * AnnotationHistoryChange
         * @description What a command did to one annotation; null for one that was not there.
         */
        AnnotationHistoryChange: {
            after: components["schemas"]["HistoricAnnotation"] | null;
            before: components["schemas"]["HistoricAnnotation"] | null;
            /** Id */
            id: string;
        };
        /**
         * AnnotationHistoryEntry
         * @description A command with all that it did.
         */
        AnnotationHistoryEntry: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Changes */
            changes: components["schemas"]["AnnotationHistoryChange"][];
            label: components["schemas"]["CommandLabel"];
            person: components["schemas"]["DrawnBy"];
            /** Sequence */
            sequence: number;
            /** Undo Of */
            undo_of: number | null;
        };
        /**
         * AnnotationKind
         * @description What somebody drew, which says how it is edited; the geometry says where it lies.
         * @enum {string}
         */
        AnnotationKind: "rectangle" | "ellipse" | "polygon" | "brush" | "line" | "polyline" | "arrow" | "point" | "points" | "ruler";
        /**
         * AnnotationsImported
         * @description What became of a file.
         */
        AnnotationsImported: {
            /** Added */
            added: number;
            /** Annotations */
            annotations: components["schemas"]["ShownAnnotation"][];
            /** Can Redo */
            can_redo: boolean;
            /** Can Undo */
            can_undo: boolean;
            redo_label: components["schemas"]["CommandLabel"] | null;
            /** Removed */
            removed: string[];
            /** Sequence */
            sequence: number;
            /** Since */
            since: number | null;
            /** Skipped */
            skipped: components["schemas"]["AnnotationSkipped"][];
            undo_label: components["schemas"]["CommandLabel"] | null;
        };
        /**
         * AnnotationSkipped
         * @description Something in a file that was not taken over.
         */
        AnnotationSkipped: {
            /** What */
            what: string;
            why: components["schemas"]["Sentence"];
        };
        /**
         * AnnotationsSince
         * @description What is drawn on an image, or what changed after `since`.
         */
        AnnotationsSince: {
            /** Annotations */
            annotations: components["schemas"]["ShownAnnotation"][];
            /** Can Redo */
            can_redo: boolean;
            /** Can Undo */
            can_undo: boolean;
            redo_label: components["schemas"]["CommandLabel"] | null;
            /** Removed */
            removed: string[];
            /** Sequence */
            sequence: number;
            /** Since */
            since: number | null;
            undo_label: components["schemas"]["CommandLabel"] | null;
        };
        /**
         * AnswerDifference
         * @description An element that is answered otherwise; null where it is not answered.
         */
        AnswerDifference: {
            after: components["schemas"]["BilingualText"] | null;
            before: components["schemas"]["BilingualText"] | null;
            /** Element */
            element: string;
            label: components["schemas"]["BilingualText"];
        };
        /**
         * AppKind
         * @description Whether an app can keep something to itself (RFC 6749, 2.1).
         * @enum {string}
         */
        AppKind: "public" | "confidential";
        /**
         * AppMade
         * @description One that was registered just now.
         */
        AppMade: {
            /** Account */
            account: string;
            /** Has Secret */
            has_secret: boolean;
            /** Id */
            id: string;
            /** Keys */
            keys: {
                [key: string]: unknown;
            } | null;
            kind: components["schemas"]["AppKind"];
            /** Launch At */
            launch_at: string;
            /** Name */
            name: string;
            /** Redirects */
            redirects: string[];
            /** Scopes */
            scopes: string[];
            /** Secret */
            secret: string | null;
        };
        /**
         * AppraisalFigures
         * @description What is told of a scan. Shares are of 1.
         */
        AppraisalFigures: {
            /** Blurred Above */
            blurred_above: number;
            /** Blurred Places */
            blurred_places: number;
            /** Edge Share */
            edge_share: number;
            /** Fold Share */
            fold_share: number | null;
            /** Ink Share */
            ink_share: number | null;
            /** Median Blur */
            median_blur: number | null;
            /** Overview Um */
            overview_um: number;
            /** Place Um */
            place_um: number;
            /** Places */
            places: components["schemas"]["AppraisedPlace"][];
            staining: components["schemas"]["AppraisedStaining"];
            /** Tissue Mm2 */
            tissue_mm2: number;
            /** Tissue Share */
            tissue_share: number;
        };
        /**
         * AppraisalShown
         * @description What is told of the scan of a slide.
         */
        AppraisalShown: {
            figures: components["schemas"]["AppraisalFigures"] | null;
            /** Judged At */
            judged_at: string | null;
            /** Message */
            message: string;
            /** Method */
            method: number | null;
            reason: components["schemas"]["Sentence"] | null;
            state: components["schemas"]["AppraisalState"];
        };
        /**
         * AppraisalState
         * @description Where the appraisal of a scan stands.
         * @enum {string}
         */
        AppraisalState: "waiting" | "done" | "not_judged" | "failed";
        /**
         * AppraisedPlace
         * @description A square of a slide in level-0 pixels.
         */
        AppraisedPlace: {
            /** Blur */
            blur: number | null;
            /** Side Px */
            side_px: number;
            /** X Px */
            x_px: number;
            /** Y Px */
            y_px: number;
        };
        /**
         * AppraisedStain
         * @description One stain of a slide, as its pixels tell.
         */
        AppraisedStain: {
            /** Colour */
            colour: string;
            /** Degrees */
            degrees: number;
            /** Density Rgb */
            density_rgb: [
                number,
                number,
                number
            ];
            /** Strength */
            strength: number;
        };
        /**
         * AppraisedStaining
         * @description How the tissue is coloured.
         */
        AppraisedStaining: {
            /** Condition */
            condition: number | null;
            eosin: components["schemas"]["AppraisedStain"] | null;
            haematoxylin: components["schemas"]["AppraisedStain"] | null;
            /** Mean Colour */
            mean_colour: string | null;
            /** Mean Lab */
            mean_lab: [
                number,
                number,
                number
            ] | null;
            rejected: components["schemas"]["Rejected"] | null;
            /** Spread Lab */
            spread_lab: [
                number,
                number,
                number
            ] | null;
        };
        /**
         * AppRequestShown
         * @description What an app asks for.
         */
        AppRequestShown: {
            /** App */
            app: string;
            /** Goes To */
            goes_to: string;
            /** Needs Patient */
            needs_patient: boolean;
            patient: components["schemas"]["PatientShown"] | null;
            /** Scopes */
            scopes: components["schemas"]["ScopeShown"][];
        };
        /**
         * AppShown
         * @description A registered app.
         */
        AppShown: {
            /** Account */
            account: string;
            /** Has Secret */
            has_secret: boolean;
            /** Id */
            id: string;
            /** Keys */
            keys: {
                [key: string]: unknown;
            } | null;
            kind: components["schemas"]["AppKind"];
            /** Launch At */
            launch_at: string;
            /** Name */
            name: string;
            /** Redirects */
            redirects: string[];
            /** Scopes */
            scopes: string[];
        };
        /**
         * AppStated
         * @description What an administrator says of an app.
         */
        AppStated: {
            /**
             * Account
             * @default
             */
            account: string;
            /**
             * Keys
             * @default
             */
            keys: string;
            kind: components["schemas"]["AppKind"];
            /** @default  */
            launch_at: components["schemas"]["Text"];
            /** Name */
            name: string;
            /**
             * Redirects
             * @default []
             */
            redirects: components["schemas"]["Text"][];
            /** Scopes */
            scopes: components["schemas"]["Text"][];
        };
        /**
         * AssignmentAsked
         * @description Who is to read a case; null for nobody.
         */
        AssignmentAsked: {
            /** Person Id */
            person_id: string | null;
            /**
             * Reason
             * @default
             */
            reason: string;
        };
        /**
         * AuditChoices
         * @description What there is to choose from when looking for entries.
         */
        AuditChoices: {
            /** Actions */
            actions: string[];
            /** Organisations */
            organisations: string[];
            /** People */
            people: {
                [key: string]: string | null;
            };
            /** Purposes */
            purposes: string[];
        };
        /**
         * AuditEntry
         * @description One entry of the log, with what names a person as far as that can still be read.
         */
        AuditEntry: {
            /** Action */
            action: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Detail */
            detail: {
                [key: string]: unknown;
            };
            /** Erased */
            erased: boolean;
            /** Index */
            index: number;
            /** Organisation */
            organisation: string | null;
            outcome: components["schemas"]["hemalum__kernel__audit__Outcome"];
            /** Owner */
            owner: string | null;
            /** Person */
            person: string | null;
            /** Personal */
            personal: {
                [key: string]: string;
            };
            /** Purpose */
            purpose: string | null;
            /** Roles */
            roles: string[];
            /** Session */
            session: string | null;
            /** Strong */
            strong: boolean;
            /** Subject */
            subject: string | null;
            /** Target */
            target: string;
        };
        /**
         * AuditFlag
         * @description Something unusual that one person did on one day, with the numbers by which a rule found it so.
         */
        AuditFlag: {
            /** About */
            about: string;
            /** Acknowledged At */
            acknowledged_at: string | null;
            /** Acknowledged By */
            acknowledged_by: string | null;
            /** Acknowledged By Name */
            acknowledged_by_name: string | null;
            /** Count */
            count: number;
            /**
             * Day
             * Format: date
             */
            day: string;
            /**
             * First At
             * Format: date-time
             */
            first_at: string;
            /**
             * Found At
             * Format: date-time
             */
            found_at: string;
            /** Id */
            id: string;
            kind: components["schemas"]["FlagKind"];
            /**
             * Last At
             * Format: date-time
             */
            last_at: string;
            /** Name */
            name: string | null;
            /** Numbers */
            numbers: {
                [key: string]: unknown;
            };
            /** Organisation */
            organisation: string;
            /** Owner */
            owner: string | null;
            /** Person */
            person: string;
            /** Remark */
            remark: string | null;
        };
        /**
         * AuthorisationShown
         * @description What I let an app do.
         */
        AuthorisationShown: {
            /** App */
            app: string;
            /** Id */
            id: string;
            /** Lasts */
            lasts: boolean;
            /**
             * Made At
             * Format: date-time
             */
            made_at: string;
            /** Scopes */
            scopes: components["schemas"]["ScopeShown"][];
        };
        /**
         * Autonomy
         * @description How far a person stands between the model and the patient. There is no autonomous one.
         * @enum {string}
         */
        Autonomy: "aid" | "triage" | "second-read";
        /**
         * Band
         * @description The grid of a range of powers, and what of it was seen.
         */
        Band: {
            /** Cell Px */
            cell_px: number;
            /** Columns */
            columns: number;
            /** Downsample */
            downsample: number;
            /** Objective */
            objective: number;
            /** Rows */
            rows: number;
            /** Seen */
            seen: string | null;
        };
        /**
         * BilingualText
         * @description The same in both languages.
         */
        BilingualText: {
            /** En */
            en: string;
            /** Zh */
            zh: string;
        };
        /**
         * Board
         * @description Lists that people work from.
         * @enum {string}
         */
        Board: "today" | "to_read" | "to_decide" | "offered" | "done" | "all";
        /**
         * BoardShown
         * @description A list of the board, and how many stand on each.
         */
        BoardShown: {
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Items */
            items: components["schemas"]["RereadShown"][];
        };
        /** Body_access_back_channel_logout */
        Body_access_back_channel_logout: {
            /** Logout Token */
            logout_token: string;
        };
        /**
         * CalibrationMethod
         * @description How scores become probabilities.
         * @enum {string}
         */
        CalibrationMethod: "platt" | "isotonic";
        /**
         * CallAsked
         * @description Who was called.
         */
        CallAsked: {
            /** At */
            at?: string | null;
            /** To */
            to: string;
            /** Was Reached */
            was_reached: boolean;
        };
        /**
         * CaseBand
         * @description What models say of a case, for the order among cases of the same priority.
         * @enum {string}
         */
        CaseBand: "high" | "middle" | "low" | "unknown";
        /**
         * CaseDetail
         * @description A case with all its material.
         */
        CaseDetail: {
            /** Assignee Id */
            assignee_id: string | null;
            /** Assignee Name */
            assignee_name: string | null;
            band: components["schemas"]["CaseBand"] | null;
            band_reason: components["schemas"]["Sentence"] | null;
            /**
             * Due At
             * Format: date-time
             */
            due_at: string;
            /** First Image Id */
            first_image_id: string | null;
            /** Foreign Numbers */
            foreign_numbers: components["schemas"]["PatientNumber"][];
            /** Has Request */
            has_request: boolean;
            /** Id */
            id: string;
            /** Material */
            material: components["schemas"]["MaterialShown"][];
            /** Next Statuses */
            next_statuses: components["schemas"]["CaseStatus"][];
            /** Number */
            number: string;
            patient: components["schemas"]["PatientIdentity"] | null;
            /** Patient Id */
            patient_id: string | null;
            /** Patient Withheld */
            patient_withheld: boolean;
            priority: components["schemas"]["Priority"];
            /**
             * Received At
             * Format: date-time
             */
            received_at: string;
            /** Slides Scanned */
            slides_scanned: number;
            /** Slides Total */
            slides_total: number;
            /** Specimen */
            specimen: string;
            /** Stains */
            stains: string[];
            status: components["schemas"]["CaseStatus"];
            subspecialty: components["schemas"]["Subspecialty"];
        };
        /**
         * CaseEventShown
         * @description One thing that happened to a case.
         */
        CaseEventShown: {
            /** Action */
            action: string;
            /** Actor Id */
            actor_id: string | null;
            /** Actor Name */
            actor_name: string | null;
            /** After */
            after: string | null;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Before */
            before: string | null;
            /** Number */
            number: number;
            /**
             * Occurred At
             * Format: date-time
             */
            occurred_at: string;
            /** Reason */
            reason: string;
            /** Subject */
            subject: string;
        };
        /**
         * CasePage
         * @description A part of a list of cases.
         */
        CasePage: {
            /** Items */
            items: components["schemas"]["CaseRow"][];
            /** More */
            more: boolean;
            /** Offset */
            offset: number;
            /** Total */
            total: number;
        };
        /**
         * CaseReader
         * @description Somebody whom a case can be given to.
         */
        CaseReader: {
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * CaseRiskShown
         * @description What was said of a case at a time.
         */
        CaseRiskShown: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            band: components["schemas"]["CaseBand"];
            /** Image Id */
            image_id: string | null;
            outcome: components["schemas"]["TriageOutcome"];
            /** Point Id */
            point_id: string | null;
            /** Probability */
            probability: number | null;
            reason: components["schemas"]["Sentence"];
        };
        /**
         * CaseRow
         * @description A case in a list.
         */
        CaseRow: {
            /** Assignee Id */
            assignee_id: string | null;
            /** Assignee Name */
            assignee_name: string | null;
            band: components["schemas"]["CaseBand"] | null;
            band_reason: components["schemas"]["Sentence"] | null;
            /**
             * Due At
             * Format: date-time
             */
            due_at: string;
            /** First Image Id */
            first_image_id: string | null;
            /** Foreign Numbers */
            foreign_numbers: components["schemas"]["PatientNumber"][];
            /** Id */
            id: string;
            /** Number */
            number: string;
            patient: components["schemas"]["PatientIdentity"] | null;
            /** Patient Id */
            patient_id: string | null;
            /** Patient Withheld */
            patient_withheld: boolean;
            priority: components["schemas"]["Priority"];
            /**
             * Received At
             * Format: date-time
             */
            received_at: string;
            /** Slides Scanned */
            slides_scanned: number;
            /** Slides Total */
            slides_total: number;
            /** Specimen */
            specimen: string;
            /** Stains */
            stains: string[];
            status: components["schemas"]["CaseStatus"];
            subspecialty: components["schemas"]["Subspecialty"];
        };
        /**
         * CaseStatus
         * @description How far a case is on its way to a signed report (IHE PaLM DPOW, with the laboratory's steps before).
         * @enum {string}
         */
        CaseStatus: "registered" | "accessioned" | "in_process" | "ready" | "assigned" | "draft" | "preliminary" | "final" | "amended" | "ended";
        /**
         * CaseTriage
         * @description Why a case stands where it does, the newest first.
         */
        CaseTriage: {
            /** History */
            history: components["schemas"]["CaseRiskShown"][];
            /** Slides */
            slides: components["schemas"]["SlideRiskShown"][];
        };
        /**
         * CassetteShown
         * @description A block of a case with what was put into it.
         */
        CassetteShown: {
            /** At */
            at: string | null;
            /** By */
            by: string;
            /** Dimensions Mm */
            dimensions_mm: number[];
            /** Identifier */
            identifier: string;
            /** Line En */
            line_en: string;
            /** Line Zh */
            line_zh: string;
            /** Material Id */
            material_id: string;
            /** Pieces */
            pieces: number | null;
            /** Text */
            text: string;
            /** Version */
            version: number;
        };
        /**
         * CellClassCounted
         * @description How many cells of a slide are of one class of the model.
         */
        CellClassCounted: {
            /** Count */
            count: number;
            /** Title */
            title: string;
            /** Title Zh */
            title_zh: string;
        };
        /**
         * CellsShown
         * @description What a run measured of the cells of its slide. A candidate for a mitosis is no mitosis.
         */
        CellsShown: {
            area_cv: components["schemas"]["NumberMeasured"];
            area_sd_um2: components["schemas"]["NumberMeasured"];
            area_um2: components["schemas"]["NumberMeasured"];
            /** Candidates */
            candidates: number | null;
            candidates_per_mm2: components["schemas"]["NumberMeasured"] | null;
            circularity_cv: components["schemas"]["NumberMeasured"];
            /** Classes */
            classes: components["schemas"]["CellClassCounted"][];
            /** Count */
            count: number;
            hotspot: components["schemas"]["PlaceMeasured"] | null;
            /** Hotspot Mm2 */
            hotspot_mm2: number | null;
            hotspot_per_mm2: components["schemas"]["NumberMeasured"] | null;
            /** Looked Mm2 */
            looked_mm2: number;
        };
        /**
         * Ceremony
         * @description What to give to the browser's passkey functions, and the ticket that their answer goes with.
         */
        Ceremony: {
            /** Options */
            options: {
                [key: string]: unknown;
            };
            /** Ticket */
            ticket: string;
        };
        /**
         * ChangeAsked
         * @description To change the fields that are given. Null leaves a field, but takes away shape, plane and class.
         */
        ChangeAsked: {
            /** Class */
            class?: string | null;
            geometry?: components["schemas"]["DrawnGeometry"] | null;
            /** Id */
            id: string;
            kind?: components["schemas"]["AnnotationKind"] | null;
            /** Locked */
            locked?: boolean | null;
            /** Name */
            name?: string | null;
            /** Note */
            note?: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            op: "change";
            /** Plane */
            plane?: number | null;
            shape?: components["schemas"]["DrawnShape"] | null;
            /** Version */
            version: number;
        };
        /**
         * ChangeShown
         * @description A change of status.
         */
        ChangeShown: {
            after: components["schemas"]["hemalum__formats__model__contract__Status"];
            /**
             * At
             * Format: date-time
             */
            at: string;
            before: components["schemas"]["hemalum__formats__model__contract__Status"];
            /** By */
            by: string;
            /** Reason */
            reason: string;
        };
        /**
         * Channel
         * @description One channel as it is first shown.
         */
        Channel: {
            /** Colour */
            colour: string;
            /** Name */
            name: string;
            /** Window */
            window: [
                number,
                number
            ];
        };
        /**
         * ChannelHistogram
         * @description How often each sample of a channel occurs.
         */
        ChannelHistogram: {
            /** Auto High */
            auto_high: number;
            /** Auto Low */
            auto_low: number;
            /** Auto Percent */
            auto_percent: [
                number,
                number
            ];
            /** Counts */
            counts: number[];
            /** First */
            first: number;
            /** Least */
            least: number;
            /** Level */
            level: number;
            /** Most */
            most: number;
            /** Samples */
            samples: number;
            /** Width */
            width: number;
        };
        /**
         * ChannelLook
         * @description How a fluorescence channel is shown.
         */
        ChannelLook: {
            /** Colour */
            colour: string;
            /**
             * Gamma
             * @default 1
             */
            gamma: number;
            /** High */
            high: number;
            /** Low */
            low: number;
            /** Visible */
            visible: boolean;
        };
        /**
         * ChannelPreset
         * @description A look of channels by their names, for every slide that has some of them.
         */
        ChannelPreset: {
            /** Channels */
            channels: {
                [key: string]: components["schemas"]["ChannelLook"];
            };
            /** Name */
            name: string;
        };
        /**
         * ChartPointShown
         * @description A month of the chart of major discrepancies.
         */
        ChartPointShown: {
            /** Centre */
            centre: number;
            /** Count */
            count: number;
            /** Is Alarm */
            is_alarm: boolean;
            /** Limit */
            limit: number | null;
            /** Major */
            major: number;
            /** Month */
            month: string;
        };
        /**
         * CheckAsked
         * @description A content to look at, without keeping it.
         */
        CheckAsked: {
            content: components["schemas"]["ReportContent"];
        };
        /**
         * CheckStep
         * @description What is looked at, one after the other, before a version is added.
         * @enum {string}
         */
        CheckStep: "archive" | "contract" | "files" | "signature" | "network" | "added";
        /**
         * ChildShown
         * @description What is made of a piece.
         */
        ChildShown: {
            /** Code */
            code: string;
            /** Description */
            description: string;
            /** Id */
            id: string;
            kind: components["schemas"]["hemalum__capabilities__cases__model__Kind"];
            stage: components["schemas"]["Stage"];
        };
        /**
         * ClassCompared
         * @description A class that both tell apart.
         */
        ClassCompared: {
            /** Name */
            name: string;
            /** Title */
            title: string;
            /** Title Zh */
            title_zh: string;
        };
        /**
         * ClassSaid
         * @description What a run said of one class on its slide.
         */
        ClassSaid: {
            /** Mm2 */
            mm2: number | null;
            /** Regions */
            regions: components["schemas"]["RegionShown"][];
            /** Share */
            share: number;
            /** Title */
            title: string;
            /** Title Zh */
            title_zh: string;
        };
        /**
         * ClassShown
         * @description A class that a model tells apart.
         */
        ClassShown: {
            /** Colour */
            colour: string;
            /** Name */
            name: string;
            /** Title */
            title: string;
            /** Title Zh */
            title_zh: string;
        };
        /**
         * Clinical
         * @description What the file of an image says of the patient and the case.
         */
        Clinical: {
            /** Fields */
            fields: {
                [key: string]: string;
            };
        };
        /**
         * Code
         * @description A coded value (PS3.3 section 8).
         */
        Code: {
            /**
             * Meaning
             * @default
             */
            meaning: string;
            /** Scheme */
            scheme: string;
            /** Value */
            value: string;
            /**
             * Version
             * @default
             */
            version: string;
        };
        /**
         * CodeAsked
         * @description What stands on a label.
         */
        CodeAsked: {
            /** Code */
            code: string;
        };
        /**
         * CodeShown
         * @description The second half of a sign-in.
         */
        CodeShown: {
            /** Code */
            code: string;
            /** Ticket */
            ticket: string;
        };
        /**
         * CommandAsked
         * @description What somebody does at once: all of it is done or nothing.
         */
        CommandAsked: {
            /** Changes */
            changes: (components["schemas"]["AddAsked"] | components["schemas"]["ChangeAsked"] | components["schemas"]["RemoveAsked"])[];
            /** Id */
            id: string;
            label: components["schemas"]["CommandLabel"];
        };
        /**
         * CommandLabel
         * @description What a command did, in one word.
         * @enum {string}
         */
        CommandLabel: "add" | "change" | "remove" | "class" | "import";
        /**
         * ComparedUnit
         * @description What two versions are compared by.
         * @enum {string}
         */
        ComparedUnit: "patches" | "slides" | "nothing";
        /**
         * ComparisonShown
         * @description All readings of a case, side by side.
         */
        ComparisonShown: {
            /** Decided Words */
            decided_words: string;
            /** First Values */
            first_values: {
                [key: string]: components["schemas"]["RereadValue"];
            };
            /** First Words */
            first_words: string;
            reread: components["schemas"]["RereadShown"];
            /** Rules Source */
            rules_source: string;
            /** Seconds */
            seconds: components["schemas"]["SecondReading"][];
        };
        /**
         * Confirmation
         * @description How somebody shows that it is them who does something deliberate.
         * @enum {string}
         */
        Confirmation: "password" | "fresh_session" | "nothing" | "impossible";
        /**
         * ConformityShown
         * @description How far the metadata of an organisation's slides conform.
         */
        ConformityShown: {
            /** Elements */
            elements: components["schemas"]["LevelCounts"][];
            /** Months */
            months: components["schemas"]["LevelCounts"][];
            slides: components["schemas"]["LevelCounts"];
        };
        /**
         * ConnectionShown
         * @description How a connection to another system stands.
         */
        ConnectionShown: {
            /** Dead */
            dead: number;
            direction: components["schemas"]["Direction"];
            /** Failed At */
            failed_at: string | null;
            /** Failure */
            failure: string | null;
            failure_said: components["schemas"]["Sentence"] | null;
            /** Id */
            id: string;
            /** Last At */
            last_at: string | null;
            /** Name */
            name: string;
            /** Oldest At */
            oldest_at: string | null;
            /** Waiting */
            waiting: number;
        };
        /**
         * ContainerAsked
         * @description A container to be.
         */
        ContainerAsked: {
            kind: components["schemas"]["ContainerKind"];
            /** Name */
            name: string;
            /**
             * Slots
             * @default 0
             */
            slots: number;
        };
        /**
         * ContainerDetail
         * @description The same with its contents.
         */
        ContainerDetail: {
            /** Code */
            code: string;
            /** Contents */
            contents: components["schemas"]["LyingShown"][];
            kind: components["schemas"]["ContainerKind"];
            /** Lying */
            lying: number;
            /** Name */
            name: string;
            /** Path */
            path: components["schemas"]["PlaceShown"][];
            /** Person */
            person: string;
            /** Since */
            since: string | null;
            /** Slots */
            slots: number;
        };
        /**
         * ContainerKind
         * @description What a container is.
         * @enum {string}
         */
        ContainerKind: "room" | "cabinet" | "fridge" | "drawer" | "box" | "tray" | "rack";
        /**
         * ContainerShown
         * @description A container, and where it is.
         */
        ContainerShown: {
            /** Code */
            code: string;
            kind: components["schemas"]["ContainerKind"];
            /** Lying */
            lying: number;
            /** Name */
            name: string;
            /** Path */
            path: components["schemas"]["PlaceShown"][];
            /** Person */
            person: string;
            /** Since */
            since: string | null;
            /** Slots */
            slots: number;
        };
        /**
         * ContentsStated
         * @description What was put into a cassette.
         */
        ContentsStated: {
            /** Based On */
            based_on: number;
            /**
             * Dimensions Mm
             * @default []
             */
            dimensions_mm: number[];
            /** Pieces */
            pieces?: number | null;
            /**
             * Text
             * @default
             */
            text: string;
        };
        /**
         * CorrectionAsked
         * @description A patient stated anew, and why.
         */
        CorrectionAsked: {
            patient: components["schemas"]["PatientIdentity"];
            /** Reason */
            reason: string;
        };
        /**
         * CoverageShown
         * @description What the reader saw of an image.
         */
        CoverageShown: {
            /** Bands */
            bands: components["schemas"]["Band"][];
            /** Height Px */
            height_px: number;
            /** Shares */
            shares: components["schemas"]["PowerShare"][];
            tissue: components["schemas"]["TissueKnown"] | null;
            /** Width Px */
            width_px: number;
        };
        /**
         * CriticalAcknowledgement
         * @description That who was called understood.
         */
        CriticalAcknowledgement: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** By */
            by: string;
            /** Read Back */
            read_back: string;
            /** Written By */
            written_by: string;
        };
        /**
         * CriticalAsked
         * @description What somebody has to hear at once.
         */
        CriticalAsked: {
            /** Statement */
            statement: string;
        };
        /**
         * CriticalCall
         * @description An attempt to tell somebody.
         */
        CriticalCall: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** By Name */
            by_name: string;
            /** To */
            to: string;
            /** Was Reached */
            was_reached: boolean;
        };
        /**
         * CriticalShown
         * @description A result that must not wait for a report.
         */
        CriticalShown: {
            acknowledgement: components["schemas"]["CriticalAcknowledgement"] | null;
            /** Calls */
            calls: components["schemas"]["CriticalCall"][];
            /** Case Id */
            case_id: string;
            /** Case Number */
            case_number: string;
            /**
             * Flagged At
             * Format: date-time
             */
            flagged_at: string;
            /** Flagged By */
            flagged_by: string;
            /** Id */
            id: string;
            /** Statement */
            statement: string | null;
        };
        /**
         * CustodyEventShown
         * @description A link of the chain.
         */
        CustodyEventShown: {
            action: components["schemas"]["Action"];
            /** Actor Name */
            actor_name: string;
            /** After */
            after: string;
            after_place: components["schemas"]["PlaceShown"];
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Before */
            before: string;
            before_place: components["schemas"]["PlaceShown"];
            /** Case Id */
            case_id: string | null;
            /** Corrects */
            corrects: number | null;
            /** Hash */
            hash: string;
            /** Is Corrected */
            is_corrected: boolean;
            /** Kind */
            kind: string;
            /** Number */
            number: number;
            /**
             * Occurred At
             * Format: date-time
             */
            occurred_at: string;
            /** Reason */
            reason: string;
            /** Refusal Code */
            refusal_code: string;
            refused: components["schemas"]["Sentence"] | null;
            /** Subject */
            subject: string;
        };
        /**
         * CustodyScan
         * @description A reading at a point.
         */
        CustodyScan: {
            /** Code */
            code: string;
            /**
             * Container
             * @default
             */
            container: string;
            /**
             * Expected
             * @default
             */
            expected: string;
            /**
             * Failed
             * @default
             */
            failed: string;
            /** Occurred At */
            occurred_at?: string | null;
            /** Point */
            point: string;
            /** Slot */
            slot?: number | null;
        };
        /**
         * DamagedObject
         * @description One file or blob that was not what it should be; chunks are counted from 0, 16 KiB of content each.
         */
        DamagedObject: {
            /** Chunks */
            chunks: number[];
            harm: components["schemas"]["Harm"];
            /** Name */
            name: string;
            /** Repaired */
            repaired: boolean;
        };
        /**
         * DamagedSlide
         * @description A slide with damage, repaired or not, as of its last check.
         */
        DamagedSlide: {
            /** Checked At */
            checked_at: string | null;
            /** Image Id */
            image_id: string;
            /** Name */
            name: string;
            /** Objects */
            objects: components["schemas"]["DamagedObject"][];
        };
        /**
         * Defect
         * @description What kind of defect the first report had (Meier et al., Am J Clin Pathol 2008;130:238).
         * @enum {string}
         */
        Defect: "none" | "misinterpretation" | "misidentification" | "specimen" | "report";
        /**
         * DictatedText
         * @description What was understood: a proposal, which is in no report.
         */
        DictatedText: {
            /** Text */
            text: string;
        };
        /**
         * DictationOffered
         * @description Whether the node takes dictation.
         */
        DictationOffered: {
            /** Is Available */
            is_available: boolean;
            /** Most Seconds */
            most_seconds: number;
        };
        /**
         * DifferenceShown
         * @description An element that two readings answer otherwise.
         */
        DifferenceShown: {
            /** Element */
            element: string;
            first: components["schemas"]["RereadText"] | null;
            gravity: components["schemas"]["Gravity"];
            label: components["schemas"]["RereadText"];
            second: components["schemas"]["RereadText"] | null;
        };
        /**
         * Direction
         * @description Which way a message goes.
         * @enum {string}
         */
        Direction: "in" | "out";
        /**
         * DiscardAsked
         * @description Why a message is not to be done.
         */
        DiscardAsked: {
            /** Reason */
            reason: string;
        };
        /**
         * DiscardedShown
         * @description A piece of a discard.
         */
        DiscardedShown: {
            /** Case Id */
            case_id: string;
            /** Code */
            code: string;
            /** Keep Until */
            keep_until: string | null;
            kind: components["schemas"]["hemalum__capabilities__cases__model__Kind"];
        };
        /**
         * DiscardProposal
         * @description What somebody proposes to discard, and why.
         */
        DiscardProposal: {
            /** Codes */
            codes: string[];
            /**
             * Despite Retention
             * @default false
             */
            despite_retention: boolean;
            /** Reason */
            reason: string;
        };
        /**
         * DiscardShown
         * @description What one person proposed to discard, and what another said to it.
         */
        DiscardShown: {
            /** Decided At */
            decided_at: string | null;
            /** Decided By */
            decided_by: string | null;
            /** Id */
            id: string;
            /** Is Early */
            is_early: boolean;
            /** Is Mine */
            is_mine: boolean;
            /** Pieces */
            pieces: components["schemas"]["DiscardedShown"][];
            /**
             * Proposed At
             * Format: date-time
             */
            proposed_at: string;
            /** Proposed By */
            proposed_by: string;
            /** Reason */
            reason: string;
            state: components["schemas"]["DiscardState"];
        };
        /**
         * DiscardState
         * @description How far a discard is.
         * @enum {string}
         */
        DiscardState: "proposed" | "done" | "withdrawn";
        /**
         * Doubt
         * @description Why a sentence is refused.
         * @enum {string}
         */
        Doubt: "form" | "number" | "negation" | "side" | "grade" | "word" | "missing";
        /**
         * DraftAsked
         * @description The next version as a draft.
         */
        DraftAsked: {
            /** Based On */
            based_on?: number | null;
            content: components["schemas"]["ReportContent"];
            /** @default en */
            language: components["schemas"]["hemalum__capabilities__reports__model__Language"];
            /**
             * Reason
             * @default
             */
            reason: string;
            /**
             * @default {
             *       "kind": "person",
             *       "name": "",
             *       "version": ""
             *     }
             */
            source: components["schemas"]["ReportSource"];
        };
        /**
         * DraftSentence
         * @description A sentence of the draft, as the template or a language model words it.
         */
        DraftSentence: {
            doubt: components["schemas"]["Doubt"] | null;
            language: components["schemas"]["Language-Output"];
            /** Original */
            original: string;
            /** Refused */
            refused: string;
            section: components["schemas"]["Section"];
            /** Text */
            text: string;
        };
        /**
         * DrawnBy
         * @description Somebody as others see them.
         */
        DrawnBy: {
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * DrawnGeometry
         * @description A geometry of GeoJSON in pixels of level 0.
         */
        DrawnGeometry: {
            /** Coordinates */
            coordinates: unknown[];
            /**
             * Type
             * @enum {string}
             */
            type: "Polygon" | "MultiPolygon" | "LineString" | "Point" | "MultiPoint";
        };
        /**
         * DrawnShape
         * @description The frame of a rectangle or ellipse, before it is turned by `angle` degrees about its centre.
         */
        DrawnShape: {
            /**
             * Angle
             * @default 0
             */
            angle: number;
            /** Height */
            height: number;
            /** Width */
            width: number;
            /** X */
            x: number;
            /** Y */
            y: number;
        };
        /**
         * DriftAlarmShown
         * @description A moving average that is beyond a limit now.
         */
        DriftAlarmShown: {
            /** Average */
            average: number;
            /** By */
            by: number;
            /** Deviations */
            deviations: number;
            /**
             * Since
             * Format: date
             */
            since: string;
        };
        /**
         * DriftLimits
         * @description What a chart judges by, and the days that it was learnt from.
         */
        DriftLimits: {
            /**
             * Begin
             * Format: date
             */
            begin: string;
            /** Centre */
            centre: number;
            /** Days */
            days: number;
            /**
             * End
             * Format: date
             */
            end: string;
            /** Lower */
            lower: number;
            /** Scans */
            scans: number;
            /** Spread */
            spread: number;
            /** Upper */
            upper: number;
        };
        /**
         * DriftLine
         * @description Scans of one stain by one scanner, each as it is stated; empty where it is not, or does not count.
         */
        DriftLine: {
            /** Scanner Model */
            scanner_model: string;
            /** Scanner Serial */
            scanner_serial: string;
            /** Stain */
            stain: string;
            /** Vendor */
            vendor: string;
        };
        /**
         * DriftMeasure
         * @description One measure of one line.
         */
        DriftMeasure: {
            alarm: components["schemas"]["DriftAlarmShown"] | null;
            /** Days */
            days: number;
            limits: components["schemas"]["DriftLimits"] | null;
            measure: components["schemas"]["Measure"];
            /** Weeks */
            weeks: components["schemas"]["DriftWeek"][];
        };
        /**
         * DriftShown
         * @description Drift of scanners and stains.
         */
        DriftShown: {
            /** Least Scans A Day */
            least_scans_a_day: number;
            /** Lines */
            lines: components["schemas"]["LineShown"][];
            /** Reference Days */
            reference_days: number;
        };
        /**
         * DriftSlide
         * @description A scan of a line.
         */
        DriftSlide: {
            /** Image Id */
            image_id: string;
            /** Name */
            name: string;
            rejected: components["schemas"]["Rejected"] | null;
            /**
             * Scanned At
             * Format: date-time
             */
            scanned_at: string;
            /** Values */
            values: {
                [key: string]: number;
            };
        };
        /**
         * DriftWeek
         * @description A week of scans.
         */
        DriftWeek: {
            /** Average */
            average: number | null;
            /** Median */
            median: number;
            /**
             * Monday
             * Format: date
             */
            monday: string;
            /** Outside */
            outside: number;
            /** Scans */
            scans: number;
        };
        /**
         * Element
         * @description One element of the metadata.
         */
        Element: {
            /** Name */
            name: string;
            /** Required */
            required: boolean;
            /** Source */
            source: string | null;
            /** Value */
            value: unknown;
        };
        /**
         * ElementKind
         * @description How an element is answered.
         * @enum {string}
         */
        ElementKind: "choice" | "choices" | "number" | "text" | "yes_no";
        /**
         * ElementVerdict
         * @description What one element of a record is.
         */
        ElementVerdict: {
            /** Element */
            element: string;
            level: components["schemas"]["Level"];
            /** Message */
            message: string;
            /** Pointer */
            pointer: string;
            said: components["schemas"]["Sentence"];
            /** Source */
            source: string;
            /** Word */
            word: string;
        };
        /**
         * EncoderServed
         * @description The run of an encoder on which a slide head rests.
         */
        EncoderServed: {
            /** Model Id */
            model_id: string;
            /** Model Version */
            model_version: string;
            /** Name */
            name: string;
            /** Name Zh */
            name_zh: string;
            /** Run Id */
            run_id: string;
        };
        /**
         * EncoderShown
         * @description A foundation encoder that is known, whether or not this laboratory has its weights.
         */
        EncoderShown: {
            access: components["schemas"]["Access"];
            /** Awaits Acceptance */
            awaits_acceptance: boolean;
            /** Dimensions */
            dimensions: number;
            /** Id */
            id: string;
            /** Licence */
            licence: string;
            /** Name */
            name: string;
            /** Note */
            note: string;
            /** Note Zh */
            note_zh: string;
            /** Paper */
            paper: string;
            /** Parameters Million */
            parameters_million: number;
            /** Publisher */
            publisher: string;
            /** Source */
            source: string;
            /** Tile Px */
            tile_px: number;
            /** Um Per Px */
            um_per_px: number;
            /** Version Id */
            version_id: string | null;
        };
        /**
         * EngineShown
         * @description What the network of a run, or of a part of it, was computed on.
         */
        EngineShown: {
            /** Batch */
            batch: number;
            /** Device */
            device: number | null;
            /** Device Name */
            device_name: string;
            instead: components["schemas"]["Sentence"] | null;
            /** Onnxruntime */
            onnxruntime: string;
            /** Provider */
            provider: string;
        };
        /**
         * EntryPage
         * @description Some entries, newest first.
         */
        EntryPage: {
            /** Entries */
            entries: components["schemas"]["AuditEntry"][];
            /** Names */
            names: {
                [key: string]: string | null;
            };
            /** Next Before */
            next_before: number | null;
            /** Total */
            total: number | null;
        };
        /**
         * ExportForm
         * @description The files that what is drawn can be taken away in.
         * @enum {string}
         */
        ExportForm: "geojson" | "dicom-ann" | "dicom-sr" | "asap" | "csv";
        /**
         * FieldCompared
         * @description A field of the file beside that of the case.
         */
        FieldCompared: {
            agreement: components["schemas"]["Agreement"];
            field: components["schemas"]["FileField"];
            /** In Case */
            in_case: string;
            /** In File */
            in_file: string;
            /** May Take Over */
            may_take_over: boolean;
        };
        /**
         * FieldShown
         * @description A field that holds something.
         */
        FieldShown: {
            /** Number */
            number: number;
            /** Text */
            text: string | null;
        };
        /**
         * FileField
         * @description A field that both can speak of.
         * @enum {string}
         */
        FileField: "name" | "sex" | "age" | "number" | "department" | "history";
        /**
         * FindAsked
         * @description A lost piece was found.
         */
        FindAsked: {
            /** Code */
            code: string;
            /**
             * Reason
             * @default
             */
            reason: string;
        };
        /**
         * Finding
         * @description What a person should look at in the metadata.
         */
        Finding: {
            /** Element */
            element: string;
            /** Message */
            message: string;
            problem: components["schemas"]["hemalum__capabilities__slides__model__Problem"];
            /** Template */
            template: string;
            /** Values */
            values: {
                [key: string]: components["schemas"]["Value"];
            };
        };
        /**
         * FindingAsked
         * @description One thing that a model found, or would not say.
         */
        FindingAsked: {
            /**
             * Has Abstained
             * @default false
             */
            has_abstained: boolean;
            /** Id */
            id: string;
            interval?: components["schemas"]["FindingInterval"] | null;
            /** Is Present */
            is_present?: boolean | null;
            kind: components["schemas"]["FindingKind"];
            /**
             * Label
             * @default
             */
            label: string;
            model: components["schemas"]["FindingModel"];
            /** Name */
            name: string;
            /** Number */
            number?: number | null;
            /** Probability */
            probability?: number | null;
            /**
             * Supports
             * @default []
             */
            supports: components["schemas"]["ReportSupport"][];
            /**
             * Unit
             * @default
             */
            unit: string;
            /**
             * Why
             * @default
             */
            why: string;
        };
        /**
         * FindingBecame
         * @description What became of a finding in an element of the report.
         */
        FindingBecame: {
            /** Element */
            element: string;
            /** Finding */
            finding: string;
            outcome: components["schemas"]["hemalum__capabilities__reports__drawing__Outcome"];
            why: components["schemas"]["Sentence"] | null;
        };
        /**
         * FindingInterval
         * @description Between which numbers the value lies with 95 % confidence.
         */
        FindingInterval: {
            /** High */
            high: number;
            /** Low */
            low: number;
        };
        /**
         * FindingKind
         * @description What a finding states.
         * @enum {string}
         */
        FindingKind: "measurement" | "class" | "count" | "presence";
        /**
         * FindingModel
         * @description The very model that found something.
         */
        FindingModel: {
            /** Name */
            name: string;
            /**
             * Version
             * @default
             */
            version: string;
        };
        /**
         * FindingsAsked
         * @description Findings of one case, handed in together.
         */
        FindingsAsked: {
            /** Findings */
            findings: components["schemas"]["FindingAsked"][];
            /**
             * Form
             * @default 1
             * @constant
             */
            form: 1;
            /** Id */
            id: string;
            language?: components["schemas"]["hemalum__capabilities__reports__model__Language"] | null;
            /**
             * Template
             * @default
             */
            template: string;
        };
        /**
         * FindingsShown
         * @description Findings of a case, and the draft made of them.
         */
        FindingsShown: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Author Name */
            author_name: string;
            /** Became */
            became: components["schemas"]["FindingBecame"][];
            failure: components["schemas"]["Sentence"] | null;
            /** Id */
            id: string;
            /** Models */
            models: string[];
            /** Sentences */
            sentences: components["schemas"]["DraftSentence"][];
            /** Sha256 */
            sha256: string;
            /** Version */
            version: number;
            /** Worded At */
            worded_at: string | null;
            wording: components["schemas"]["Wording"];
            /** Writer */
            writer: string;
        };
        /**
         * FirstLook
         * @description How long the cases of a band waited for a person to open the first of their slides, in hours.
         */
        FirstLook: {
            band: components["schemas"]["CaseBand"];
            /** High H */
            high_h: number | null;
            /** Looked */
            looked: number;
            /** Low H */
            low_h: number | null;
            /** Median H */
            median_h: number | null;
            /** Waiting */
            waiting: number;
        };
        /**
         * Fitness
         * @description Whether a version may run on a slide.
         * @enum {string}
         */
        Fitness: "ok" | "outside-validated-use" | "refused";
        /**
         * FitShown
         * @description Whether a version may run on a slide.
         */
        FitShown: {
            /** Reasons */
            reasons: string[];
            /** Said */
            said: components["schemas"]["Sentence"][];
            verdict: components["schemas"]["Fitness"];
        };
        /**
         * FlagKind
         * @description What a rule finds unusual; `flags` tells how.
         * @enum {string}
         */
        FlagKind: "volume" | "off_hours" | "glass" | "refusals" | "unrelated" | "exports";
        /**
         * GivenUp
         * @description Why a reread is not completed.
         */
        GivenUp: {
            /** Reason */
            reason: string;
        };
        /**
         * Glass
         * @description A slide that somebody opened in an emergency.
         */
        Glass: {
            /**
             * Broken At
             * Format: date-time
             */
            broken_at: string;
            /** Id */
            id: string;
            /** Image Id */
            image_id: string;
            /** Image Name */
            image_name: string;
            /** Person Id */
            person_id: string;
            /** Person Name */
            person_name: string;
            /** Reason */
            reason: string;
            /** Remark */
            remark: string | null;
            /** Reviewed At */
            reviewed_at: string | null;
            /** Reviewed By */
            reviewed_by: string | null;
            /**
             * Until
             * Format: date-time
             */
            until: string;
            verdict: components["schemas"]["Verdict"] | null;
        };
        /**
         * GlassAsked
         * @description Why somebody opens a slide in an emergency.
         */
        GlassAsked: {
            /** Reason */
            reason: string;
        };
        /**
         * GoOn
         * @description Where the browser goes now.
         */
        GoOn: {
            /** Continue At */
            continue_at: string;
        };
        /**
         * Gravity
         * @description How much a difference matters to the patient.
         * @enum {string}
         */
        Gravity: "none" | "minor" | "major";
        /**
         * GroupAsked
         * @description A group's name and members.
         */
        GroupAsked: {
            /** Members */
            members: string[];
            /** Name */
            name: string;
        };
        /**
         * GroupBy
         * @description What cases are told apart by.
         * @enum {string}
         */
        GroupBy: "nothing" | "subspecialty" | "priority" | "site" | "week" | "reader";
        /**
         * GroupRuleStated
         * @description Whoever is in this group of the institution has this role here.
         */
        GroupRuleStated: {
            /** Group */
            group: string;
            /** Organisation Id */
            organisation_id: string;
            role: components["schemas"]["Role"];
        };
        /**
         * GroupShown
         * @description A group.
         */
        GroupShown: {
            /** Id */
            id: string;
            /** Members */
            members: string[];
            /** Name */
            name: string;
        };
        /**
         * HandOverAsked
         * @description Which version becomes preliminary.
         */
        HandOverAsked: {
            /**
             * Reason
             * @default
             */
            reason: string;
            /** Sha256 */
            sha256: string;
            /** Version */
            version: number;
        };
        /**
         * Harm
         * @description What became of a file or blob.
         * @enum {string}
         */
        Harm: "missing" | "cut-off" | "damaged" | "changed";
        /**
         * Kind
         * @description What a piece of material is.
         * @enum {string}
         */
        hemalum__capabilities__cases__model__Kind: "part" | "block" | "slide";
        /**
         * StatusAsked
         * @description Where a case is to go.
         */
        hemalum__capabilities__cases__routes__answers__StatusAsked: {
            /**
             * Reason
             * @default
             */
            reason: string;
            status: components["schemas"]["CaseStatus"];
        };
        /**
         * Language
         * @description Of a facts label or a card.
         * @enum {string}
         */
        hemalum__capabilities__models__routes__Language: "en" | "zh";
        /**
         * StatusAsked
         * @description What a version shall be used for.
         */
        hemalum__capabilities__models__routes__StatusAsked: {
            /** Reason */
            reason: string;
            status: components["schemas"]["Status-Input"];
        };
        /**
         * Outcome
         * @description What became of a finding in a report.
         * @enum {string}
         */
        hemalum__capabilities__reports__drawing__Outcome: "filled" | "kept" | "not_asked" | "abstained" | "uncertain";
        /**
         * Language
         * @description What a report is written in.
         * @enum {string}
         */
        hemalum__capabilities__reports__model__Language: "en" | "zh";
        /**
         * Status
         * @description What a version is.
         * @enum {string}
         */
        hemalum__capabilities__reports__model__Status: "draft" | "preliminary" | "final" | "amended" | "corrected" | "addended" | "entered_in_error" | "withdrawn";
        /**
         * Problem
         * @description What is wrong with an element of the metadata.
         * @enum {string}
         */
        hemalum__capabilities__slides__model__Problem: "missing" | "contradictory" | "implausible" | "unverified";
        /**
         * Status
         * @description What a version may be used for.
         * @enum {string}
         */
        hemalum__formats__model__contract__Status: "research" | "shadow" | "clinical" | "withdrawn";
        /**
         * Kind
         * @description Elements that are codes, each with its table.
         * @enum {string}
         */
        hemalum__formats__profile__terms__Kind: "site" | "laterality" | "collection" | "fixative" | "embedding" | "stain";
        /**
         * Outcome
         * @description What became of it.
         * @enum {string}
         */
        hemalum__kernel__audit__Outcome: "done" | "refused" | "failed";
        /**
         * Problem
         * @description A problem document (RFC 9457).
         */
        hemalum__runtime__http__Problem: {
            /** Code */
            code: string;
            /** Detail */
            detail: string;
            /** Status */
            status: number;
            /** Template */
            template: string;
            /** Title */
            title: string;
            /** Values */
            values: {
                [key: string]: components["schemas"]["Value"];
            };
        };
        /**
         * HistoricAnnotation
         * @description An annotation as it was.
         */
        HistoricAnnotation: {
            /** Class */
            class?: string | null;
            geometry: components["schemas"]["DrawnGeometry"];
            kind: components["schemas"]["AnnotationKind"];
            /**
             * Locked
             * @default false
             */
            locked: boolean;
            /**
             * Name
             * @default
             */
            name: string;
            /**
             * Note
             * @default
             */
            note: string;
            /** Plane */
            plane?: number | null;
            shape?: components["schemas"]["DrawnShape"] | null;
        };
        /**
         * ImageCase
         * @description Which slide of which case an image is the scan of.
         */
        ImageCase: {
            case: components["schemas"]["CaseDetail"] | null;
            /** Claim */
            claim: string | null;
            /** Claimed */
            claimed: string | null;
            /** Identifier */
            identifier: string | null;
        };
        /**
         * ImageDetail
         * @description All that is known of an image.
         */
        ImageDetail: {
            /** Available At */
            available_at: string | null;
            /** Channels */
            channels: components["schemas"]["Channel"][];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Elements */
            elements: components["schemas"]["Element"][];
            /** Findings */
            findings: components["schemas"]["Finding"][];
            /** Format */
            format: string | null;
            /** Has Clinical */
            has_clinical: boolean;
            /** Has Label */
            has_label: boolean;
            /** Has Macro */
            has_macro: boolean;
            /** Height Px */
            height_px: number | null;
            /** Id */
            id: string;
            /** Levels */
            levels: components["schemas"]["ShownLevel"][];
            /** Name */
            name: string;
            /** Objective Power */
            objective_power: number | null;
            /** Objects */
            objects: components["schemas"]["StoredObject"][];
            /** Organ */
            organ: string | null;
            /** Planes */
            planes: number;
            progress: components["schemas"]["Progress"] | null;
            /** Properties */
            properties: {
                [key: string]: string;
            };
            /** Reason */
            reason: string | null;
            reason_said: components["schemas"]["Sentence"] | null;
            /** Scanner Model */
            scanner_model: string | null;
            /** Series Uid */
            series_uid: string | null;
            /** Sha256 */
            sha256: string | null;
            /** Size Bytes */
            size_bytes: number | null;
            spacing_um: components["schemas"]["Spacing"] | null;
            /** Specimen */
            specimen: string | null;
            /** Stain */
            stain: string | null;
            status: components["schemas"]["ImageStatus"];
            /** Study Uid */
            study_uid: string | null;
            /** Vendor */
            vendor: string | null;
            /** Width Px */
            width_px: number | null;
        };
        /**
         * ImageStatus
         * @description Where an image is on its way in.
         * @enum {string}
         */
        ImageStatus: "receiving" | "hashed" | "quarantined" | "available";
        /**
         * ImageSummary
         * @description A row of the library; channels and findings are counted.
         */
        ImageSummary: {
            /** Available At */
            available_at: string | null;
            /** Channels */
            channels: number;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Findings */
            findings: number;
            /** Format */
            format: string | null;
            /** Has Clinical */
            has_clinical: boolean;
            /** Has Label */
            has_label: boolean;
            /** Has Macro */
            has_macro: boolean;
            /** Height Px */
            height_px: number | null;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Objective Power */
            objective_power: number | null;
            /** Organ */
            organ: string | null;
            /** Planes */
            planes: number;
            progress: components["schemas"]["Progress"] | null;
            /** Reason */
            reason: string | null;
            reason_said: components["schemas"]["Sentence"] | null;
            /** Scanner Model */
            scanner_model: string | null;
            /** Series Uid */
            series_uid: string | null;
            /** Sha256 */
            sha256: string | null;
            /** Size Bytes */
            size_bytes: number | null;
            spacing_um: components["schemas"]["Spacing"] | null;
            /** Specimen */
            specimen: string | null;
            /** Stain */
            stain: string | null;
            status: components["schemas"]["ImageStatus"];
            /** Study Uid */
            study_uid: string | null;
            /** Vendor */
            vendor: string | null;
            /** Width Px */
            width_px: number | null;
        };
        /** @enum {string} */
        ImportForm: "auto" | "geojson" | "dicom" | "asap" | "cytomine" | "sectra";
        /**
         * Institution
         * @description An institution that people may sign in by.
         */
        Institution: {
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * Integrity
         * @description The last round, and how the slides of one's own organisation stand.
         */
        Integrity: {
            /** Damaged */
            damaged: components["schemas"]["DamagedSlide"][];
            last_round: components["schemas"]["IntegrityRound"] | null;
            /** Slides */
            slides: number;
            /** Unchecked */
            unchecked: number;
        };
        /**
         * IntegrityRound
         * @description One walk over all slides of the node.
         */
        IntegrityRound: {
            /** Bytes */
            bytes: number;
            /** Damaged */
            damaged: number;
            /** Ended At */
            ended_at: string | null;
            /** Id */
            id: string;
            /** Repaired */
            repaired: number;
            /** Slides */
            slides: number;
            /**
             * Started At
             * Format: date-time
             */
            started_at: string;
            state: components["schemas"]["RoundState"];
        };
        /**
         * InterfacesShown
         * @description How all connections stand.
         */
        InterfacesShown: {
            /** Connections */
            connections: components["schemas"]["ConnectionShown"][];
            /** Counts */
            counts: {
                [key: string]: number;
            };
        };
        /**
         * JurisdictionShown
         * @description Where a version may be used for patients.
         */
        JurisdictionShown: {
            /** Basis */
            basis: string;
            /** Code */
            code: string;
            /** Number */
            number: string;
            /** Until */
            until: string | null;
        };
        /**
         * Kind
         * @description Elements that are codes, each with its table.
         * @enum {string}
         */
        "Kind-Input": "site" | "laterality" | "collection" | "fixative" | "embedding" | "stain";
        /**
         * LabelForm
         * @description What labels are asked for as.
         * @enum {string}
         */
        LabelForm: "pdf" | "zpl";
        /**
         * LabelsAsked
         * @description Which pieces of a case get a label, and for what printer.
         */
        LabelsAsked: {
            /**
             * Dpi
             * @default 300
             * @enum {integer}
             */
            dpi: 203 | 300 | 600;
            /** @default pdf */
            form: components["schemas"]["LabelForm"];
            /** Material Ids */
            material_ids: string[];
        };
        /**
         * LandmarkPair
         * @description The same place on both slides, um from the top left corner of each.
         */
        LandmarkPair: {
            /** End */
            end: [
                number,
                number
            ];
            /** Start */
            start: [
                number,
                number
            ];
        };
        /**
         * Language
         * @description What a report is written in.
         * @enum {string}
         */
        "Language-Output": "en" | "zh";
        /**
         * Launchable
         * @description An app that is opened beside a patient.
         */
        Launchable: {
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * LaunchAsked
         * @description Beside whom an app is opened.
         */
        LaunchAsked: {
            /** Patient Id */
            patient_id: string;
        };
        /**
         * LayerClassShown
         * @description One class of cells.
         */
        LayerClassShown: {
            /** Colour */
            colour: string;
            /** Count */
            count: number;
            /** Name */
            name: string;
            /** Name Zh */
            name_zh: string | null;
            shape: components["schemas"]["Shape"];
        };
        /**
         * LayerColumnShown
         * @description One number for each cell, or the one that a heatmap shows.
         */
        LayerColumnShown: {
            /** Maximum */
            maximum: number | null;
            /** Minimum */
            minimum: number | null;
            /** Name */
            name: string;
            /** Unit */
            unit: string;
        };
        /**
         * LayerKind
         * @description What a layer consists of.
         * @enum {string}
         */
        LayerKind: "cells" | "points" | "heatmap";
        /**
         * LayerManifest
         * @description All that a viewer needs before the first tile.
         */
        LayerManifest: {
            /** Abstained */
            abstained: number;
            /** Classes */
            classes: components["schemas"]["LayerClassShown"][];
            /** Columns */
            columns: components["schemas"]["LayerColumnShown"][];
            /** Count */
            count: number;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Diameter Px */
            diameter_px: number;
            /** Height Px */
            height_px: number;
            /** Id */
            id: string;
            kind: components["schemas"]["LayerKind"];
            origin: components["schemas"]["LayerOrigin"];
            /** Origin X Px */
            origin_x_px: number;
            /** Origin Y Px */
            origin_y_px: number;
            /** Peak Per Mpx */
            peak_per_mpx: number;
            /** Producer */
            producer: string;
            /** Producer Version */
            producer_version: string;
            /** Raster Side */
            raster_side: number;
            /** Rasters */
            rasters: components["schemas"]["LayerRaster"][];
            /** Stale */
            stale: boolean;
            /** Tile Side Px */
            tile_side_px: number;
            /** Tiles */
            tiles: [
                number,
                number,
                number
            ][];
            /** Title */
            title: string;
            /** Title Zh */
            title_zh: string | null;
            /** Width Px */
            width_px: number;
        };
        /**
         * LayerOrigin
         * @description What kind of claim a layer is.
         * @enum {string}
         */
        LayerOrigin: "model" | "measurement" | "truth" | "person";
        /**
         * LayerRaster
         * @description One level of the pyramid of counts or values; level 0 is the finest.
         */
        LayerRaster: {
            /** Level */
            level: number;
            /** Most */
            most: number;
            /** Pitch Px */
            pitch_px: number;
            /** Tiles */
            tiles: [
                number,
                number
            ][];
        };
        /**
         * LayerShown
         * @description A layer as lists show it.
         */
        LayerShown: {
            /** Classes */
            classes: components["schemas"]["LayerClassShown"][];
            /** Columns */
            columns: components["schemas"]["LayerColumnShown"][];
            /** Count */
            count: number;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Id */
            id: string;
            kind: components["schemas"]["LayerKind"];
            origin: components["schemas"]["LayerOrigin"];
            /** Producer */
            producer: string;
            /** Producer Version */
            producer_version: string;
            /** Stale */
            stale: boolean;
            /** Title */
            title: string;
            /** Title Zh */
            title_zh: string | null;
        };
        /**
         * Level
         * @description What an element is, the worst first.
         * @enum {string}
         */
        Level: "refused" | "warned" | "mapped" | "conforming";
        /**
         * LevelCounts
         * @description How many slides are how.
         */
        LevelCounts: {
            /** Conforming */
            conforming: number;
            /** Mapped */
            mapped: number;
            /** Name */
            name: string;
            /** Refused */
            refused: number;
            /** Warned */
            warned: number;
        };
        /**
         * LibraryPage
         * @description A part of the library.
         */
        LibraryPage: {
            /** Items */
            items: components["schemas"]["ImageSummary"][];
            /** More */
            more: boolean;
            /** Offset */
            offset: number;
            /** Revision */
            revision: number;
            /** Total */
            total: number;
        };
        /**
         * LinesBy
         * @description Which scans of one stain make a line.
         * @enum {string}
         */
        LinesBy: "scanner" | "model";
        /**
         * LineShown
         * @description One line in a period.
         */
        LineShown: {
            /** Laboratories */
            laboratories: string[];
            line: components["schemas"]["DriftLine"];
            /** Measures */
            measures: components["schemas"]["DriftMeasure"][];
            /** Rejected */
            rejected: number;
            /** Scans */
            scans: number;
            stain_name: components["schemas"]["StainName"];
        };
        /**
         * LinkAsked
         * @description The slide that an image is the scan of, by what stands on its label.
         */
        LinkAsked: {
            /** Identifier */
            identifier: string;
        };
        /**
         * LinkMade
         * @description A link to send to somebody.
         */
        LinkMade: {
            /** Link */
            link: string;
        };
        /**
         * LinkPurpose
         * @description What a one-time link is for.
         * @enum {string}
         */
        LinkPurpose: "enter" | "first" | "invitation" | "reset";
        /**
         * LinkShown
         * @description A one-time link's code.
         */
        LinkShown: {
            /** Code */
            code: string;
        };
        /**
         * LoanAsked
         * @description What is lent, to whom, for what, until when.
         */
        LoanAsked: {
            /** Code */
            code: string;
            /**
             * Due At
             * Format: date-time
             */
            due_at: string;
            /** Purpose */
            purpose: string;
            /** To */
            to: string;
        };
        /**
         * LoanShown
         * @description A block or slide that somebody else has for a time.
         */
        LoanShown: {
            /** Case Id */
            case_id: string;
            /** Code */
            code: string;
            /**
             * Due At
             * Format: date-time
             */
            due_at: string;
            /** Id */
            id: string;
            /** Is Overdue */
            is_overdue: boolean;
            /**
             * Lent At
             * Format: date-time
             */
            lent_at: string;
            /** Lent By */
            lent_by: string;
            /** Purpose */
            purpose: string;
            /** Returned At */
            returned_at: string | null;
            /** Returned By */
            returned_by: string | null;
            /** To */
            to: string;
        };
        /**
         * LookAsked
         * @description Settings of all channels of a slide, in their order.
         */
        LookAsked: {
            /** Channels */
            channels: components["schemas"]["ShownLook"][];
        };
        /**
         * LotShown
         * @description What became of one signed case.
         */
        LotShown: {
            /** Case Id */
            case_id: string;
            /** Case Number */
            case_number: string;
            /** Is Drawn */
            is_drawn: boolean;
            /** Lot */
            lot: number;
        };
        /**
         * LyingShown
         * @description What lies in a container itself.
         */
        LyingShown: {
            /** Case Id */
            case_id: string | null;
            /** Code */
            code: string;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /** Person */
            person: string;
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /** Slot */
            slot: number | null;
        };
        /**
         * MappingAsked
         * @description What a word is to stand for.
         */
        MappingAsked: {
            kind: components["schemas"]["Kind-Input"];
            /** Replaces */
            replaces?: number | null;
            /** Term */
            term: string;
            /** Word */
            word: string;
        };
        /**
         * MappingsFile
         * @description Mappings as `words.csv` gives them.
         */
        MappingsFile: {
            /** Content */
            content: string;
        };
        /**
         * MappingShown
         * @description What a word stands for.
         */
        MappingShown: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** By */
            by: string;
            /** Ended At */
            ended_at: string | null;
            /** Ended By */
            ended_by: string | null;
            /** Number */
            number: number;
            term: components["schemas"]["TermShown"];
            /** Word */
            word: string;
        };
        /**
         * MappingsTaken
         * @description What became of a file of mappings.
         */
        MappingsTaken: {
            /** Changed */
            changed: number;
        };
        /**
         * MarksTold
         * @description What was seen since it was last told. Telling it again changes nothing.
         */
        MarksTold: {
            /** Marks */
            marks: components["schemas"]["MarkTold"][];
        };
        /**
         * MarkTold
         * @description Cells of one band that were seen.
         */
        MarkTold: {
            /** Cell Px */
            cell_px: number;
            /** Objective */
            objective: number;
            /** Runs */
            runs: [
                number,
                number,
                number
            ][];
        };
        /**
         * MaterialAsked
         * @description Another piece: a part without a parent, a block of a part, a slide of a block.
         */
        MaterialAsked: {
            /**
             * Description
             * @default
             */
            description: string;
            /**
             * Is Smear
             * @default false
             */
            is_smear: boolean;
            /**
             * Organ
             * @default
             */
            organ: string;
            /** Parent Id */
            parent_id?: string | null;
        };
        /**
         * MaterialShown
         * @description A part, block or slide.
         */
        MaterialShown: {
            /** Description */
            description: string;
            /** Id */
            id: string;
            /** Identifier */
            identifier: string;
            /** Image Ids */
            image_ids: string[];
            kind: components["schemas"]["hemalum__capabilities__cases__model__Kind"];
            /** Label */
            label: string;
            /** Next Stages */
            next_stages: components["schemas"]["Stage"][];
            /** Organ */
            organ: string;
            /** Parent Id */
            parent_id: string | null;
            stage: components["schemas"]["Stage"];
        };
        /**
         * Me
         * @description Who is signed in.
         */
        Me: {
            /** Demo */
            demo: boolean;
            /** Display Name */
            display_name: string;
            /** Groups */
            groups: string[];
            /** Is Strong */
            is_strong: boolean;
            /** Name */
            name: string;
            /** Needs Second Factor */
            needs_second_factor: boolean;
            /** Organisation Id */
            organisation_id: string;
            /** Organisation Name */
            organisation_name: string;
            /** Organisations */
            organisations: components["schemas"]["Place"][];
            /** Permissions */
            permissions: string[];
            /** Person Id */
            person_id: string;
            /** Roles */
            roles: string[];
        };
        /**
         * Measure
         * @description What drift is told of.
         * @enum {string}
         */
        Measure: "haematoxylin_strength" | "eosin_strength" | "haematoxylin_degrees" | "eosin_degrees" | "blur";
        /**
         * Measured
         * @description What can be measured of an annotation; `why_not` says why nothing can.
         */
        Measured: {
            area_um2: components["schemas"]["MeasuredQuantity"] | null;
            length_um: components["schemas"]["MeasuredQuantity"] | null;
            perimeter_um: components["schemas"]["MeasuredQuantity"] | null;
            why_not: components["schemas"]["Sentence"] | null;
        };
        /**
         * MeasuredQuantity
         * @description A measured number, and the half-width of the interval of about 95 % around it (k = 2).
         */
        MeasuredQuantity: {
            /** Uncertainty */
            uncertainty: number;
            /** Value */
            value: number;
        };
        /**
         * MergeAsked
         * @description Into whom a patient is to be merged, and why.
         */
        MergeAsked: {
            /** Into */
            into: string;
            /** Reason */
            reason: string;
        };
        /**
         * MessageCorrection
         * @description A message as it should have been.
         */
        MessageCorrection: {
            /** Text */
            text: string;
        };
        /**
         * MessagePage
         * @description Some messages, newest first.
         */
        MessagePage: {
            /** Messages */
            messages: components["schemas"]["MessageRow"][];
            /** Next Before */
            next_before: number | null;
        };
        /**
         * MessageRow
         * @description A message as it stands in the list: nothing in it is about a patient.
         */
        MessageRow: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Attempts */
            attempts: number;
            /** Case Id */
            case_id: string | null;
            /** Control Id */
            control_id: string;
            direction: components["schemas"]["Direction"];
            /** Done At */
            done_at: string | null;
            /** Kept */
            kept: boolean;
            /** Kind */
            kind: string;
            /** Next Attempt At */
            next_attempt_at: string | null;
            /** Number */
            number: number;
            /** Partner */
            partner: string;
            /** Partner Id */
            partner_id: string;
            /** Reason */
            reason: string | null;
            reason_said: components["schemas"]["Sentence"] | null;
            /** Replaces */
            replaces: number | null;
            state: components["schemas"]["MessageState"];
        };
        /**
         * MessageShown
         * @description A message by its segments.
         */
        MessageShown: {
            /** Answer */
            answer: components["schemas"]["SegmentShown"][];
            /** Erased */
            erased: boolean;
            /** Masked */
            masked: boolean;
            row: components["schemas"]["MessageRow"];
            /** Segments */
            segments: components["schemas"]["SegmentShown"][];
            /** Text */
            text: string | null;
        };
        /**
         * MessageState
         * @description What has become of a message.
         * @enum {string}
         */
        MessageState: "waiting" | "done" | "dead" | "refused" | "replaced" | "discarded";
        /**
         * MetricShown
         * @description One number of a trial.
         */
        MetricShown: {
            /** Baseline */
            baseline?: number | null;
            /** High */
            high?: number | null;
            /** Low */
            low?: number | null;
            /** Name */
            name: string;
            /**
             * Stratum
             * @default
             */
            stratum: string;
            /** Value */
            value: number;
        };
        /**
         * Mishap
         * @description What may befall a piece; each is the stage at which it is then.
         * @enum {string}
         */
        Mishap: "lost" | "broken";
        /**
         * MishapAsked
         * @description A piece was lost, or broke.
         */
        MishapAsked: {
            /** Code */
            code: string;
            mishap: components["schemas"]["Mishap"];
            /** Reason */
            reason: string;
        };
        /**
         * ModelAnswers
         * @description What a model answers. An element that it does not answer is not compared.
         */
        ModelAnswers: {
            /** Name */
            name: string;
            /**
             * Values
             * @default {}
             */
            values: {
                [key: string]: components["schemas"]["RereadValue"];
            };
            /** Version */
            version: string;
            /**
             * Words
             * @default
             */
            words: string;
        };
        /**
         * ModelArchiveChecked
         * @description What came of an archive.
         */
        ModelArchiveChecked: {
            /** Steps */
            steps: components["schemas"]["ModelStepChecked"][];
            version: components["schemas"]["VersionRow"] | null;
        };
        /**
         * ModelOffered
         * @description A version that somebody may want to run on a slide.
         */
        ModelOffered: {
            /** Model Id */
            model_id: string;
            /** Model Version */
            model_version: string;
            /** Name */
            name: string;
            /** Name Zh */
            name_zh: string;
            /** Reasons */
            reasons: components["schemas"]["Sentence"][];
            /** Status */
            status: string;
            verdict: components["schemas"]["Fitness"];
            /** Version Id */
            version_id: string;
        };
        /**
         * ModelsAsked
         * @description What to run.
         */
        ModelsAsked: {
            /** Version Ids */
            version_ids: string[];
        };
        /**
         * ModelStepChecked
         * @description How one step of looking at an archive went.
         */
        ModelStepChecked: {
            /** Is Good */
            is_good: boolean | null;
            /** Problems */
            problems: components["schemas"]["Sentence"][];
            step: components["schemas"]["CheckStep"];
        };
        /**
         * NewAnnotation
         * @description What somebody has just drawn.
         */
        NewAnnotation: {
            /** Class */
            class?: string | null;
            geometry: components["schemas"]["DrawnGeometry"];
            /** Id */
            id: string;
            kind: components["schemas"]["AnnotationKind"];
            /**
             * Locked
             * @default false
             */
            locked: boolean;
            /**
             * Name
             * @default
             */
            name: string;
            /**
             * Note
             * @default
             */
            note: string;
            /** Plane */
            plane?: number | null;
            shape?: components["schemas"]["DrawnShape"] | null;
        };
        /**
         * Normalisation
         * @description What is done to the colours of a slide before the network sees them.
         * @enum {string}
         */
        Normalisation: "none" | "macenko" | "reinhard";
        /**
         * NumberMeasured
         * @description A number with its 95 % interval; no limits where these are not known.
         */
        NumberMeasured: {
            /** High */
            high: number | null;
            /** Low */
            low: number | null;
            /** Value */
            value: number;
        };
        /**
         * ObjectKind
         * @description Where the bytes of an object lie, and whose they are.
         * @enum {string}
         */
        ObjectKind: "linked" | "incoming" | "stored" | "derived";
        /**
         * OpeningAsked
         * @description Why somebody opens an image.
         */
        OpeningAsked: {
            /** Continues */
            continues?: string | null;
            purpose?: components["schemas"]["Purpose"] | null;
        };
        /**
         * OpeningMade
         * @description What a viewer needs to show an image.
         */
        OpeningMade: {
            /** Brightfield */
            brightfield: boolean;
            /** Channels */
            channels: components["schemas"]["Channel"][];
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Held Back */
            held_back: boolean;
            /** Image Id */
            image_id: string;
            /** Levels */
            levels: components["schemas"]["ShownLevel"][];
            look: components["schemas"]["SlideLook"] | null;
            /** May View Label */
            may_view_label: boolean;
            /**
             * Mode
             * @enum {string}
             */
            mode: "direct" | "composite";
            /** Name */
            name: string;
            /** Objective Power */
            objective_power: number | null;
            /** Opening Id */
            opening_id: string;
            /** Planes */
            planes: components["schemas"]["Plane"][];
            purpose: components["schemas"]["Purpose"];
            /** Sample Type */
            sample_type: string;
            scale_trust: components["schemas"]["ScaleTrust"];
            spacing_um: components["schemas"]["Spacing"] | null;
            /** Ticket */
            ticket: string;
            /** Tile Url */
            tile_url: string;
        };
        /**
         * OperatingPointShown
         * @description An operating point.
         */
        OperatingPointShown: {
            /** Claim */
            claim: string;
            /** Class Name */
            class_name: string;
            /** Name */
            name: string;
            /** Purpose */
            purpose: string;
            /** Threshold */
            threshold: number;
        };
        /**
         * OrganisationAdded
         * @description A new organisation; a random id by default.
         */
        OrganisationAdded: {
            /**
             * Accreditation
             * @default
             */
            accreditation: string;
            /** Accredited Until */
            accredited_until?: string | null;
            /** Id */
            id?: string | null;
            /**
             * Jurisdiction
             * @default
             */
            jurisdiction: string;
            /** @default hospital */
            kind: components["schemas"]["OrganisationKind"];
            /** Name */
            name: string;
            /**
             * Requires Second Factor
             * @default false
             */
            requires_second_factor: boolean;
        };
        /**
         * OrganisationAsked
         * @description What is stated of an organisation.
         */
        OrganisationAsked: {
            /**
             * Accreditation
             * @default
             */
            accreditation: string;
            /** Accredited Until */
            accredited_until?: string | null;
            /**
             * Jurisdiction
             * @default
             */
            jurisdiction: string;
            /** @default hospital */
            kind: components["schemas"]["OrganisationKind"];
            /** Name */
            name: string;
            /**
             * Requires Second Factor
             * @default false
             */
            requires_second_factor: boolean;
        };
        /**
         * OrganisationKind
         * @description What an organisation is.
         * @enum {string}
         */
        OrganisationKind: "hospital" | "health_centre" | "laboratory" | "university" | "sponsor" | "authority";
        /**
         * OrganisationShown
         * @description An organisation.
         */
        OrganisationShown: {
            /**
             * Accreditation
             * @default
             */
            accreditation: string;
            /** Accredited Until */
            accredited_until?: string | null;
            /** Id */
            id: string;
            /**
             * Jurisdiction
             * @default
             */
            jurisdiction: string;
            /** @default hospital */
            kind: components["schemas"]["OrganisationKind"];
            /** Name */
            name: string;
            /**
             * Requires Second Factor
             * @default false
             */
            requires_second_factor: boolean;
        };
        /**
         * Outcome
         * @description What became of it.
         * @enum {string}
         */
        "Outcome-Input": "done" | "refused" | "failed";
        /**
         * PanelShown
         * @description Stains that are usually asked for together.
         */
        PanelShown: {
            /** Fields */
            fields: components["schemas"]["Subspecialty"][];
            /** Names */
            names: {
                [key: string]: string;
            };
            /** Stains */
            stains: string[];
            work: components["schemas"]["Work"];
        };
        /**
         * PanelsShown
         * @description The usual stains of the laboratory.
         */
        PanelsShown: {
            /** Panels */
            panels: components["schemas"]["PanelShown"][];
            /** Stains */
            stains: {
                [key: string]: string[];
            };
        };
        /**
         * Partner
         * @description An organisation that slides can be sent to.
         */
        Partner: {
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * PartOrdered
         * @description A part that came in, and what is to be made of it.
         */
        PartOrdered: {
            /**
             * Blocks
             * @default []
             */
            blocks: string[][];
            /**
             * Description
             * @default
             */
            description: string;
            /**
             * Organ
             * @default
             */
            organ: string;
            /**
             * Smears
             * @default []
             */
            smears: string[];
        };
        /**
         * PasskeyKnown
         * @description A passkey of mine.
         */
        PasskeyKnown: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Used At */
            used_at: string | null;
        };
        /**
         * PasskeyMade
         * @description The browser's answer, for a new passkey.
         */
        PasskeyMade: {
            /** Credential */
            credential: {
                [key: string]: unknown;
            };
            /**
             * Name
             * @default
             */
            name: string;
            /** Ticket */
            ticket: string;
        };
        /**
         * PasskeyShown
         * @description The browser's answer.
         */
        PasskeyShown: {
            /** Credential */
            credential: {
                [key: string]: unknown;
            };
            /** Ticket */
            ticket: string;
        };
        /**
         * PasswordChanged
         * @description A new password.
         */
        PasswordChanged: {
            /** Current */
            current?: string | null;
            /** Password */
            password: string;
        };
        /**
         * PasswordShown
         * @description A name and a password.
         */
        PasswordShown: {
            /** Name */
            name: string;
            /** Password */
            password: string;
        };
        /**
         * PatientIdentity
         * @description Who a patient is.
         */
        PatientIdentity: {
            /** Age On */
            age_on?: string | null;
            /** Age Years */
            age_years?: number | null;
            /** Birth Date */
            birth_date?: string | null;
            /**
             * Identifiers
             * @default []
             */
            identifiers: components["schemas"]["PatientNumber"][];
            /** Name */
            name: string;
            /** @default unknown */
            sex: components["schemas"]["Sex"];
        };
        /**
         * PatientKnown
         * @description A patient with their cases.
         */
        PatientKnown: {
            /** Case Ids */
            case_ids: string[];
            /** Id */
            id: string;
            /** Merged Into */
            merged_into: string | null;
            patient: components["schemas"]["PatientIdentity"] | null;
        };
        /**
         * PatientNumber
         * @description A number by which somebody knows a patient or a case.
         */
        PatientNumber: {
            /** Issuer */
            issuer: string;
            /** Value */
            value: string;
        };
        /**
         * PatientSearch
         * @description A number of a patient, with or without whoever issued it.
         */
        PatientSearch: {
            /** Issuer */
            issuer?: string | null;
            /** Value */
            value: string;
        };
        /**
         * PatientShown
         * @description The patient beside whom an app was opened.
         */
        PatientShown: {
            /** Birth Date */
            birth_date: string | null;
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * PeoplePage
         * @description A page of people.
         */
        PeoplePage: {
            /** Items */
            items: components["schemas"]["PersonShown"][];
            /** Offset */
            offset: number;
            /** Total */
            total: number;
        };
        /**
         * PersonAdded
         * @description Somebody new, and the link to send to them.
         */
        PersonAdded: {
            /** Id */
            id: string;
            /** Link */
            link: string | null;
        };
        /**
         * PersonAsked
         * @description Somebody to be invited, or a service account to be made.
         */
        PersonAsked: {
            /** Display Name */
            display_name: string;
            /** @default person */
            kind: components["schemas"]["PersonKind"];
            /** Name */
            name: string;
            /** Roles */
            roles: components["schemas"]["Role"][];
        };
        /**
         * PersonChanged
         * @description How somebody is called.
         */
        PersonChanged: {
            /** Display Name */
            display_name: string;
        };
        /**
         * PersonKind
         * @description Who holds an account.
         * @enum {string}
         */
        PersonKind: "person" | "service";
        /**
         * PersonShown
         * @description Somebody of an organisation.
         */
        PersonShown: {
            /** Display Name */
            display_name: string;
            /** Has Credential */
            has_credential: boolean;
            /** Has Second Factor */
            has_second_factor: boolean;
            /** Id */
            id: string;
            kind: components["schemas"]["PersonKind"];
            /** Last Seen At */
            last_seen_at: string | null;
            /** Name */
            name: string;
            /** Roles */
            roles: components["schemas"]["RoleShown"][];
            /** Suspended At */
            suspended_at: string | null;
            /** Works Elsewhere */
            works_elsewhere: boolean;
        };
        /**
         * PhotographShown
         * @description A photograph, without its pixels.
         */
        PhotographShown: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** By */
            by: string;
            /** Case Id */
            case_id: string;
            /** Height Px */
            height_px: number;
            /** Id */
            id: string;
            /** Identifier */
            identifier: string;
            /** Material Id */
            material_id: string;
            /** Taken At */
            taken_at: string | null;
            /** Um Per Px */
            um_per_px: number | null;
            /** Width Px */
            width_px: number;
            /** Wrong Because */
            wrong_because: string | null;
        };
        /**
         * PickAnswer
         * @description What is at a place.
         */
        PickAnswer: {
            cell: components["schemas"]["PickedCell"] | null;
        };
        /**
         * PickedCell
         * @description The cell at a place.
         */
        PickedCell: {
            /** Class Name */
            class_name: string;
            /** Outline Px */
            outline_px: [
                number,
                number
            ][];
            /** Row */
            row: number;
            /** Values */
            values: {
                [key: string]: number | null;
            };
            /** X Px */
            x_px: number;
            /** Y Px */
            y_px: number;
        };
        /**
         * Place
         * @description An organisation where somebody may act.
         */
        Place: {
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * PlaceCompared
         * @description A patch for which two versions name different classes.
         */
        PlaceCompared: {
            /** Difference */
            difference: number;
            /** First */
            first: string;
            /** Second */
            second: string;
            /** Side Um */
            side_um: number;
            /** X Um */
            x_um: number;
            /** Y Um */
            y_um: number;
        };
        /**
         * PlacedMoved
         * @description Where an order of a clinician is to go; where it is, to keep what its placer took back.
         */
        PlacedMoved: {
            /** Reason */
            reason: string;
            state: components["schemas"]["PlacedState"];
        };
        /**
         * PlacedShown
         * @description An order of a clinician. Who asked, and why, is told with the case.
         */
        PlacedShown: {
            /** Id */
            id: string;
            /** Issuer */
            issuer: string;
            /** Next States */
            next_states: components["schemas"]["PlacedState"][];
            /** Number */
            number: string;
            /**
             * Placed At
             * Format: date-time
             */
            placed_at: string;
            /** Specimen Ids */
            specimen_ids: string[];
            state: components["schemas"]["PlacedState"];
            /** Wants Revocation */
            wants_revocation: boolean;
        };
        /**
         * PlacedState
         * @description How far an order of a clinician is (FHIR R4, request status).
         * @enum {string}
         */
        PlacedState: "draft" | "active" | "on_hold" | "revoked" | "completed";
        /**
         * PlaceMeasured
         * @description A rectangle of a slide.
         */
        PlaceMeasured: {
            /** Height Um */
            height_um: number;
            /** Width Um */
            width_um: number;
            /** X Um */
            x_um: number;
            /** Y Um */
            y_um: number;
        };
        /**
         * PlaceShown
         * @description Where something is: at a point, in a container, or with whom it was lent to; all empty for nowhere.
         */
        PlaceShown: {
            /** Container */
            container: string;
            /** Container Name */
            container_name: string;
            /** Holder */
            holder: string;
            /** Point */
            point: string;
            /** Point Id */
            point_id: string;
            /** Slot */
            slot: number | null;
        };
        /**
         * PlanDraft
         * @description A plan as a quality manager sets it.
         */
        PlanDraft: {
            /**
             * By Model
             * @default
             */
            by_model: string;
            /**
             * By Person
             * @default true
             */
            by_person: boolean;
            /** Name */
            name: string;
            /** Share */
            share: number;
            /**
             * @default {
             *       "fields": [],
             *       "priorities": [],
             *       "readers": [],
             *       "sites": [],
             *       "templates": []
             *     }
             */
            strata: components["schemas"]["PlanStrata"];
        };
        /**
         * Plane
         * @description One focal plane.
         */
        Plane: {
            /** Offset Um */
            offset_um: number;
        };
        /**
         * PlanShown
         * @description A plan with how far it got.
         */
        PlanShown: {
            /** Anchor */
            anchor: string;
            /** By Model */
            by_model: string;
            /** By Person */
            by_person: boolean;
            /** Drawn */
            drawn: number;
            /**
             * First Day
             * Format: date
             */
            first_day: string;
            /** Id */
            id: string;
            /** Last Day */
            last_day: string | null;
            /**
             * Made At
             * Format: date-time
             */
            made_at: string;
            /** Made By Name */
            made_by_name: string;
            /** Name */
            name: string;
            /** Share */
            share: number;
            /** Signed */
            signed: number;
            strata: components["schemas"]["PlanStrata"];
        };
        /**
         * PlanStrata
         * @description Which signed cases a plan is about; all that is stated has to fit, and what is empty fits all.
         */
        PlanStrata: {
            /**
             * Fields
             * @default []
             */
            fields: components["schemas"]["Subspecialty"][];
            /**
             * Priorities
             * @default []
             */
            priorities: components["schemas"]["Priority"][];
            /**
             * Readers
             * @default []
             */
            readers: string[];
            /**
             * Sites
             * @default []
             */
            sites: string[];
            /**
             * Templates
             * @default []
             */
            templates: string[];
        };
        /**
         * PointAsked
         * @description A station to be.
         */
        PointAsked: {
            /** Name */
            name: string;
            /**
             * Room
             * @default
             */
            room: string;
            step: components["schemas"]["Step"];
        };
        /**
         * PointChange
         * @description What is different about a point; null leaves it as it is.
         */
        PointChange: {
            /** Is Active */
            is_active?: boolean | null;
            /** Name */
            name?: string | null;
            /** Room */
            room?: string | null;
        };
        /**
         * PointClaim
         * @description What a threshold reached on slides that it was not fitted on, with 95 % intervals.
         */
        PointClaim: {
            /** Abstained */
            abstained: number;
            /** Negative */
            negative: number;
            /** Positive */
            positive: number;
            /** Sensitivity */
            sensitivity: number;
            /** Sensitivity High */
            sensitivity_high: number;
            /** Sensitivity Low */
            sensitivity_low: number;
            /** Specificity */
            specificity: number;
            /** Specificity High */
            specificity_high: number;
            /** Specificity Low */
            specificity_low: number;
        };
        /**
         * PointEnded
         * @description Why a point ends.
         */
        PointEnded: {
            /** Reason */
            reason: string;
        };
        /**
         * PointFit
         * @description What to fit, to what, and why.
         */
        PointFit: {
            /**
             * Alpha
             * @default 0.1
             */
            alpha: number;
            /** Class Name */
            class_name: string;
            /** @default platt */
            method: components["schemas"]["CalibrationMethod"];
            purpose: components["schemas"]["TriagePurpose"];
            /** Reason */
            reason: string;
            /**
             * Sensitivity
             * @default 0.9
             */
            sensitivity: number;
            /** Slides */
            slides: components["schemas"]["SlideLabelled"][];
            /** Version Id */
            version_id: string;
        };
        /**
         * PointSet
         * @description A rule as `hemalum triage show --rule` writes it.
         */
        PointSet: {
            /** Reason */
            reason: string;
            /** Rule */
            rule: string;
            /** Version Id */
            version_id: string;
        };
        /**
         * PointShown
         * @description A station.
         */
        PointShown: {
            /** Id */
            id: string;
            /** Is Active */
            is_active: boolean;
            /** Name */
            name: string;
            /** Room */
            room: string;
            step: components["schemas"]["Step"];
        };
        /**
         * PointSite
         * @description A site of which a point may say something, with how many labelled slides showed its errors.
         */
        PointSite: {
            /** Negative */
            negative: number;
            /** Organisation Id */
            organisation_id: string;
            /** Positive */
            positive: number;
        };
        /**
         * PowerShare
         * @description How much was seen at a power or a higher one.
         */
        PowerShare: {
            /** Objective */
            objective: number;
            /** Share */
            share: number;
        };
        /**
         * PreviewShown
         * @description What a mapping would change.
         */
        PreviewShown: {
            /** Let Go */
            let_go: number;
            /** Slides */
            slides: number;
        };
        /**
         * Priority
         * @description How soon a case is wanted.
         * @enum {string}
         */
        Priority: "routine" | "urgent" | "intraoperative";
        /**
         * ProblemKind
         * @description Why a report cannot be signed as it is.
         * @enum {string}
         */
        ProblemKind: "missing" | "out_of_range" | "contradiction";
        /**
         * Progress
         * @description How far the current stage of ingest has come.
         */
        Progress: {
            /** Done */
            done: number;
            /** Stage */
            stage: string;
            /** Total */
            total: number;
        };
        /**
         * ProgressShown
         * @description How far a reader is with an image.
         */
        ProgressShown: {
            /** Image Id */
            image_id: string;
            /** Of Tissue */
            of_tissue: boolean;
            /** Shares */
            shares: components["schemas"]["PowerShare"][];
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /**
         * ProofShown
         * @description All by which anybody can draw the cases of a day again.
         */
        ProofShown: {
            /** Anchor */
            anchor: string;
            /**
             * Day
             * Format: date
             */
            day: string;
            /** Lots */
            lots: components["schemas"]["LotShown"][];
            /** Plan Id */
            plan_id: string;
            /** Seed */
            seed: string;
            /** Share */
            share: number;
            /** Steps */
            steps: number;
        };
        /**
         * ProviderAsked
         * @description The same with its secret: null leaves it as it is, an empty text means a public client.
         */
        ProviderAsked: {
            /** Client Id */
            client_id: string;
            /** Client Secret */
            client_secret?: string | null;
            /**
             * Groups Claim
             * @default groups
             */
            groups_claim: string;
            /**
             * Is Enabled
             * @default true
             */
            is_enabled: boolean;
            /**
             * Is Strong
             * @default false
             */
            is_strong: boolean;
            /** Issuer */
            issuer: string;
            /** Name */
            name: string;
            /**
             * Rules
             * @default []
             */
            rules: components["schemas"]["GroupRuleStated"][];
            /**
             * Scopes
             * @default openid profile email
             */
            scopes: string;
        };
        /**
         * ProviderShown
         * @description The same as it is kept.
         */
        ProviderShown: {
            /** Client Id */
            client_id: string;
            /**
             * Groups Claim
             * @default groups
             */
            groups_claim: string;
            /** Has Client Secret */
            has_client_secret: boolean;
            /** Id */
            id: string;
            /**
             * Is Enabled
             * @default true
             */
            is_enabled: boolean;
            /**
             * Is Strong
             * @default false
             */
            is_strong: boolean;
            /** Issuer */
            issuer: string;
            /** Name */
            name: string;
            /**
             * Rules
             * @default []
             */
            rules: components["schemas"]["GroupRuleStated"][];
            /**
             * Scopes
             * @default openid profile email
             */
            scopes: string;
        };
        /**
         * PublisherAsked
         * @description Whose signature shall count.
         */
        PublisherAsked: {
            /** Name */
            name: string;
            /** Public Key */
            public_key: string;
        };
        /**
         * PublisherEnded
         * @description Whose signature shall count no longer.
         */
        PublisherEnded: {
            /** Public Key */
            public_key: string;
        };
        /**
         * PublisherShown
         * @description Whose signature counts here.
         */
        PublisherShown: {
            /**
             * Added At
             * Format: date-time
             */
            added_at: string;
            /** Added By */
            added_by: string;
            /** Name */
            name: string;
            /** Public Key */
            public_key: string;
        };
        /**
         * Purpose
         * @description Why somebody looks at a slide.
         * @enum {string}
         */
        Purpose: "care" | "quality" | "research" | "trial" | "teaching" | "support";
        /**
         * PutInAsked
         * @description What is put into a container, and where in it.
         */
        PutInAsked: {
            /** Code */
            code: string;
            /**
             * Reason
             * @default
             */
            reason: string;
            /** Slot */
            slot?: number | null;
        };
        /**
         * Queue
         * @description Lists that people work from.
         * @enum {string}
         */
        Queue: "open" | "mine" | "urgent" | "intraoperative" | "awaiting_scan" | "unassigned" | "to_sign" | "late" | "closed";
        /**
         * QueueCounts
         * @description How many cases lie in each queue.
         */
        QueueCounts: {
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Revision */
            revision: number;
        };
        /**
         * RateBy
         * @description What rates are told by.
         * @enum {string}
         */
        RateBy: "nothing" | "site" | "reader" | "template" | "field" | "organ" | "model" | "month";
        /**
         * RateShown
         * @description How many rereads of a group differ, each share with its 95 % interval.
         */
        RateShown: {
            /** Count */
            count: number;
            /** Differing */
            differing: number;
            /** High */
            high: number;
            /** Low */
            low: number;
            /** Major */
            major: number;
            /** Major High */
            major_high: number;
            /** Major Low */
            major_low: number;
            /** Name */
            name: string;
        };
        /**
         * RatesShown
         * @description Rates of a time.
         */
        RatesShown: {
            /** Chart */
            chart: components["schemas"]["ChartPointShown"][];
            /** Groups */
            groups: components["schemas"]["RateShown"][];
            whole: components["schemas"]["RateShown"];
        };
        /**
         * Reader
         * @description Somebody who looked at an image.
         */
        Reader: {
            /** Name */
            name: string | null;
            /** Of Tissue */
            of_tissue: boolean;
            /** Person Id */
            person_id: string;
            /** Revealed */
            revealed: components["schemas"]["RevealShown"][];
            /** Shares */
            shares: components["schemas"]["PowerShare"][];
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /**
         * ReaderKind
         * @description Who gave a second reading.
         * @enum {string}
         */
        ReaderKind: "person" | "model";
        /**
         * ReasonGiven
         * @description Why.
         */
        ReasonGiven: {
            /** Reason */
            reason: string;
        };
        /**
         * RecoveryCodes
         * @description Shown once.
         */
        RecoveryCodes: {
            /** Recovery Codes */
            recovery_codes: string[];
        };
        /**
         * RegionShown
         * @description A region that patches of a class make up.
         */
        RegionShown: {
            /** Mm2 */
            mm2: number;
            place: components["schemas"]["PlaceMeasured"];
        };
        /**
         * Rejected
         * @description Why a slide's stains could not be told.
         * @enum {string}
         */
        Rejected: "little_tissue" | "one_colour" | "other_stain";
        /**
         * RemoveAsked
         * @description To remove an annotation.
         */
        RemoveAsked: {
            /** Id */
            id: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            op: "remove";
            /** Version */
            version: number;
        };
        /**
         * ReportCheck
         * @description What a content amounts to.
         */
        ReportCheck: {
            /** Composed */
            composed: {
                [key: string]: {
                    [key: string]: string;
                };
            };
            /** Foreign Images */
            foreign_images: string[];
            /** Problems */
            problems: components["schemas"]["ReportProblem"][];
            /** Required */
            required: string[];
            /** Shown */
            shown: string[];
            /** Values */
            values: {
                [key: string]: boolean | number | string | string[];
            };
        };
        /**
         * ReportContent
         * @description What a version of a report says.
         */
        ReportContent: {
            /**
             * Figures
             * @default []
             */
            figures: components["schemas"]["ReportFigure"][];
            /**
             * Photographs
             * @default []
             */
            photographs: components["schemas"]["ReportPhotograph"][];
            /**
             * Sections
             * @default {}
             */
            sections: {
                [key: string]: string;
            };
            /**
             * Statements
             * @default []
             */
            statements: components["schemas"]["ReportStatement"][];
            template?: components["schemas"]["ReportTemplateRef"] | null;
            /**
             * Values
             * @default {}
             */
            values: {
                [key: string]: components["schemas"]["ReportValue"];
            };
        };
        /**
         * ReportCosignature
         * @description A second pathologist's agreement with a signed version.
         */
        ReportCosignature: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Number */
            number: number;
            /** Person Id */
            person_id: string;
            /** Person Name */
            person_name: string;
            /** Sha256 */
            sha256: string;
        };
        /**
         * ReportDifference
         * @description All that two versions say otherwise.
         */
        ReportDifference: {
            /** Answers */
            answers: components["schemas"]["AnswerDifference"][];
            /** Figures Added */
            figures_added: components["schemas"]["ReportFigure"][];
            /** Figures Removed */
            figures_removed: components["schemas"]["ReportFigure"][];
            /** Photographs Added */
            photographs_added: components["schemas"]["ReportPhotograph"][];
            /** Photographs Removed */
            photographs_removed: components["schemas"]["ReportPhotograph"][];
            /** Sections */
            sections: components["schemas"]["SectionDifference"][];
        };
        /**
         * ReportFigure
         * @description A region of a slide that is printed with the report.
         */
        ReportFigure: {
            /**
             * Caption
             * @default
             */
            caption: string;
            /** Image Id */
            image_id: string;
            region: components["schemas"]["ReportRegion"];
        };
        /**
         * ReportMay
         * @description What one may do with the report as it is now.
         */
        ReportMay: {
            /** Amend */
            amend: boolean;
            confirmation: components["schemas"]["Confirmation"];
            /** Cosign */
            cosign: boolean;
            /** Edit */
            edit: boolean;
            /** Preliminary */
            preliminary: boolean;
            /** Sign */
            sign: boolean;
            /** Withdraw */
            withdraw: boolean;
        };
        /**
         * ReportPhotograph
         * @description A photograph of the specimen that is printed with the report. All but the caption is stated by the
         *     node when a version is written; what comes in is not looked at.
         */
        ReportPhotograph: {
            /**
             * Caption
             * @default
             */
            caption: string;
            /**
             * Height Px
             * @default 0
             */
            height_px: number;
            /**
             * Identifier
             * @default
             */
            identifier: string;
            /** Photograph Id */
            photograph_id: string;
            /**
             * Sha256
             * @default
             */
            sha256: string;
            /** Um Per Px */
            um_per_px?: number | null;
            /**
             * Width Px
             * @default 0
             */
            width_px: number;
        };
        /**
         * ReportProblem
         * @description One thing that has to be stated or put right before a signature.
         */
        ReportProblem: {
            kind: components["schemas"]["ProblemKind"];
            /** Subject */
            subject: string;
            text: components["schemas"]["BilingualText"];
        };
        /**
         * ReportRegion
         * @description A rectangle of a slide, from its upper left corner.
         */
        ReportRegion: {
            /** Height Um */
            height_um: number;
            /** Width Um */
            width_um: number;
            /** X Um */
            x_um: number;
            /** Y Um */
            y_um: number;
        };
        /**
         * ReportShown
         * @description The report of a case.
         */
        ReportShown: {
            /** Case Id */
            case_id: string;
            case_status: components["schemas"]["CaseStatus"];
            check: components["schemas"]["ReportCheck"] | null;
            /** Cosignatures */
            cosignatures: components["schemas"]["ReportCosignature"][];
            current: components["schemas"]["ReportVersionShown"] | null;
            may: components["schemas"]["ReportMay"];
            /** Suggested Templates */
            suggested_templates: string[];
            template: components["schemas"]["TemplateShown"] | null;
            /** Versions */
            versions: components["schemas"]["ReportVersionRow"][];
        };
        /**
         * ReportSource
         * @description Who or what words come from.
         */
        ReportSource: {
            /** @default person */
            kind: components["schemas"]["SourceKind"];
            /**
             * Name
             * @default
             */
            name: string;
            /**
             * Version
             * @default
             */
            version: string;
        };
        /**
         * ReportStatement
         * @description Where an answer or a section's words come from, and what supports them.
         */
        ReportStatement: {
            /** Certainty */
            certainty?: number | null;
            /**
             * Is Accepted
             * @default false
             */
            is_accepted: boolean;
            /**
             * @default {
             *       "kind": "person",
             *       "name": "",
             *       "version": ""
             *     }
             */
            source: components["schemas"]["ReportSource"];
            /** Subject */
            subject: string;
            /**
             * Supports
             * @default []
             */
            supports: components["schemas"]["ReportSupport"][];
        };
        /**
         * ReportSupport
         * @description One thing that supports a statement and can be looked at.
         */
        ReportSupport: {
            /** Image Id */
            image_id?: string | null;
            kind: components["schemas"]["SupportKind"];
            /**
             * Reference
             * @default
             */
            reference: string;
            region?: components["schemas"]["ReportRegion"] | null;
            /**
             * Said
             * @default
             */
            said: string;
        };
        /**
         * ReportTemplateRef
         * @description The template that a content is filled into; without a digest, the newest of its id.
         */
        ReportTemplateRef: {
            /**
             * Digest
             * @default
             */
            digest: string;
            /** Id */
            id: string;
            /**
             * Version
             * @default 0
             */
            version: number;
        };
        ReportValue: boolean | number | string | string[];
        /**
         * ReportVersionRow
         * @description One version, without what it says.
         */
        ReportVersionRow: {
            amends: components["schemas"]["Amendment"] | null;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Author Id */
            author_id: string;
            /** Author Name */
            author_name: string;
            language: components["schemas"]["Language-Output"];
            /** Number */
            number: number;
            /** Previous Sha256 */
            previous_sha256: string | null;
            /** Reason */
            reason: string;
            /** Sha256 */
            sha256: string;
            source: components["schemas"]["ReportSource"];
            status: components["schemas"]["hemalum__capabilities__reports__model__Status"];
        };
        /**
         * ReportVersionShown
         * @description One version with what it says.
         */
        ReportVersionShown: {
            amends: components["schemas"]["Amendment"] | null;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Author Id */
            author_id: string;
            /** Author Name */
            author_name: string;
            content: components["schemas"]["ReportContent"] | null;
            language: components["schemas"]["Language-Output"];
            /** Number */
            number: number;
            /** Previous Sha256 */
            previous_sha256: string | null;
            /** Reason */
            reason: string;
            /** Sha256 */
            sha256: string;
            source: components["schemas"]["ReportSource"];
            status: components["schemas"]["hemalum__capabilities__reports__model__Status"];
        };
        /**
         * RequestShown
         * @description What whoever asked for the examination wrote.
         */
        RequestShown: {
            /**
             * Clinician
             * @default
             */
            clinician: string;
            /**
             * Department
             * @default
             */
            department: string;
            /**
             * History
             * @default
             */
            history: string;
        };
        /**
         * RereadAnswers
         * @description Answers to the template of the first report.
         */
        RereadAnswers: {
            /**
             * Values
             * @default {}
             */
            values: {
                [key: string]: components["schemas"]["RereadValue"];
            };
            /**
             * Words
             * @default
             */
            words: string;
        };
        /**
         * RereadCheck
         * @description What answers amount to.
         */
        RereadCheck: {
            /** Problems */
            problems: components["schemas"]["RereadTrouble"][];
            /** Values */
            values: {
                [key: string]: components["schemas"]["RereadValue"];
            };
        };
        /**
         * RereadShown
         * @description A signed case that is read a second time. Nothing in it tells what the first report says.
         */
        RereadShown: {
            /** By Model */
            by_model: string;
            /** By Person */
            by_person: boolean;
            /** Case Id */
            case_id: string;
            /** Case Number */
            case_number: string;
            /**
             * Changed At
             * Format: date-time
             */
            changed_at: string;
            /** Decided By Name */
            decided_by_name: string | null;
            defect: components["schemas"]["Defect"] | null;
            /**
             * Drawn At
             * Format: date-time
             */
            drawn_at: string;
            field: components["schemas"]["Subspecialty"];
            gravity: components["schemas"]["Gravity"] | null;
            /** Id */
            id: string;
            /** Is Mine */
            is_mine: boolean;
            /** May Decide */
            may_decide: boolean;
            /** May Read */
            may_read: boolean;
            /** Offers Amendment */
            offers_amendment: boolean;
            /** Plan Id */
            plan_id: string;
            priority: components["schemas"]["Priority"];
            /**
             * Signed At
             * Format: date-time
             */
            signed_at: string;
            /** Signer Name */
            signer_name: string | null;
            standing: components["schemas"]["Standing"] | null;
            state: components["schemas"]["State"];
            /** Template Digest */
            template_digest: string;
            /** Template Id */
            template_id: string;
        };
        /**
         * RereadText
         * @description The same in both languages.
         */
        RereadText: {
            /** En */
            en: string;
            /** Zh */
            zh: string;
        };
        /**
         * RereadTrouble
         * @description What is missing or wrong.
         */
        RereadTrouble: {
            /** Kind */
            kind: string;
            /** Subject */
            subject: string;
            text: components["schemas"]["RereadText"];
        };
        RereadValue: boolean | number | string | string[];
        /**
         * ResetAsked
         * @description Whether passkeys and authenticator app go too.
         */
        ResetAsked: {
            /**
             * Remove Factors
             * @default false
             */
            remove_factors: boolean;
        };
        /**
         * RevealShown
         * @description When a reader first had something shown which a model found.
         */
        RevealShown: {
            /** Name */
            name: string;
            /**
             * Revealed At
             * Format: date-time
             */
            revealed_at: string;
            /** Shares */
            shares: components["schemas"]["PowerShare"][];
            /** Subject */
            subject: string;
        };
        /**
         * RevealTold
         * @description That something was shown which a model found.
         */
        RevealTold: {
            /**
             * Ago S
             * @default 0
             */
            ago_s: number;
            /** Name */
            name: string;
            /** Subject */
            subject: string;
        };
        /**
         * ReviewAsked
         * @description What a reviewer found.
         */
        ReviewAsked: {
            /**
             * Remark
             * @default
             */
            remark: string;
            verdict: components["schemas"]["Verdict"];
        };
        /**
         * Revision
         * @description A number that grows whenever the library changes.
         */
        Revision: {
            /** Revision */
            revision: number;
        };
        /**
         * Role
         * @description What a person does in an organisation (the people of MISSION.md).
         * @enum {string}
         */
        Role: "pathologist" | "on_call_specialist" | "junior_pathologist" | "student" | "technician" | "clinician" | "researcher" | "sponsor_reviewer" | "model_developer" | "quality_manager" | "auditor" | "administrator" | "node_administrator";
        /**
         * RoleHeld
         * @description A role at an organisation.
         */
        RoleHeld: {
            role: components["schemas"]["Role"];
            /** Until */
            until?: string | null;
        };
        /**
         * RolesAsked
         * @description All roles that somebody is to have.
         */
        RolesAsked: {
            /** Roles */
            roles: components["schemas"]["RoleHeld"][];
        };
        /**
         * RoleShown
         * @description A role, and whether an institution's groups gave it.
         */
        RoleShown: {
            /** From Institution */
            from_institution: boolean;
            /** Has Ended */
            has_ended: boolean;
            role: components["schemas"]["Role"];
            /** Until */
            until?: string | null;
        };
        /**
         * RoundState
         * @description Where a round is.
         * @enum {string}
         */
        RoundState: "running" | "done" | "cancelled";
        /**
         * RulerRead
         * @description What somebody read off the ruler in a photograph.
         */
        RulerRead: {
            /** Length Mm */
            length_mm: number;
            /** X1 Px */
            x1_px: number;
            /** X2 Px */
            x2_px: number;
            /** Y1 Px */
            y1_px: number;
            /** Y2 Px */
            y2_px: number;
        };
        /**
         * RunFindingsOffered
         * @description A model that has findings for the report of a case; they are not told before they are asked for.
         */
        RunFindingsOffered: {
            /** Is Revealed */
            is_revealed: boolean;
            /** Model Version */
            model_version: string;
            /** Name */
            name: string;
            /** Name Zh */
            name_zh: string;
            /** Purpose */
            purpose: string;
            /** Purpose Zh */
            purpose_zh: string;
            /** Slides */
            slides: number;
            /** Version Id */
            version_id: string;
        };
        /**
         * RunForm
         * @description In what form what a model said of places on its slide leaves, by the ending of the file.
         * @enum {string}
         */
        RunForm: "csv" | "parquet" | "geojson";
        /**
         * RunKind
         * @description What became of a piece of text.
         * @enum {string}
         */
        RunKind: "same" | "removed" | "added";
        /**
         * RunShown
         * @description One version of a model on one scan of one slide.
         */
        RunShown: {
            /** Abstained */
            abstained: number;
            cells: components["schemas"]["CellsShown"] | null;
            /** Classes */
            classes: components["schemas"]["ClassSaid"][];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Digest */
            digest: string | null;
            encoder: components["schemas"]["EncoderServed"] | null;
            /** Ended At */
            ended_at: string | null;
            /** Id */
            id: string;
            /** Image Id */
            image_id: string;
            /** Image Name */
            image_name: string;
            /** Is Shadow */
            is_shadow: boolean;
            /** Layers */
            layers: string[];
            /** Model Id */
            model_id: string;
            /** Model Name */
            model_name: string;
            /** Model Name Zh */
            model_name_zh: string;
            /** Model Version */
            model_version: string;
            normalised_by: components["schemas"]["Normalisation"] | null;
            /** Number */
            number: number;
            /** Outside */
            outside: components["schemas"]["Sentence"][];
            /** Patches */
            patches: number;
            /** Patches Done */
            patches_done: number;
            /** Reason */
            reason: string | null;
            reason_said: components["schemas"]["Sentence"] | null;
            /** Scores */
            scores: {
                [key: string]: number;
            };
            /** Started At */
            started_at: string | null;
            state: components["schemas"]["RunState"];
            /** Task */
            task: string;
            /** Version Id */
            version_id: string;
        };
        /**
         * RunState
         * @description Where a run is.
         * @enum {string}
         */
        RunState: "waiting" | "running" | "done" | "failed" | "cancelled" | "refused" | "abstained";
        /**
         * ScaleAsked
         * @description The scale of a photograph; without a ruler it is taken back.
         */
        ScaleAsked: {
            ruler?: components["schemas"]["RulerRead"] | null;
        };
        /**
         * ScaleTrust
         * @description How far the um/px of a file may be believed.
         * @enum {string}
         */
        ScaleTrust: "stored" | "unverified" | "missing";
        /**
         * ScanAnswer
         * @description What came of a scan.
         */
        ScanAnswer: {
            /** Case Id */
            case_id: string | null;
            /** Children */
            children: components["schemas"]["ChildShown"][];
            /** Description */
            description: string;
            event: components["schemas"]["CustodyEventShown"];
            /** Is Repeated */
            is_repeated: boolean;
            kind: components["schemas"]["hemalum__capabilities__cases__model__Kind"] | null;
            /** Makes */
            makes: components["schemas"]["hemalum__capabilities__cases__model__Kind"][];
            /** Material Id */
            material_id: string | null;
        };
        /**
         * ScanCorrection
         * @description Why an event was a mistake.
         */
        ScanCorrection: {
            /**
             * Reason
             * @default
             */
            reason: string;
        };
        /**
         * ScopeShown
         * @description A scope, and what it says where it is one of resources.
         */
        ScopeShown: {
            /**
             * Interactions
             * @default
             */
            interactions: string;
            /** Kind */
            kind?: string | null;
            /** Level */
            level?: string | null;
            /** Scope */
            scope: string;
        };
        /**
         * SearchAsked
         * @description What to list. The text stands in the body, since it may be the number of a patient.
         */
        SearchAsked: {
            /**
             * By Band
             * @default true
             */
            by_band: boolean;
            /**
             * Limit
             * @default 100
             */
            limit: number;
            /**
             * Offset
             * @default 0
             */
            offset: number;
            priority?: components["schemas"]["Priority"] | null;
            /** @default open */
            queue: components["schemas"]["Queue"];
            subspecialty?: components["schemas"]["Subspecialty"] | null;
            /**
             * Text
             * @default
             */
            text: string;
        };
        /**
         * SecondReading
         * @description One second reading beside the first report.
         */
        SecondReading: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Differences */
            differences: components["schemas"]["DifferenceShown"][];
            gravity: components["schemas"]["Gravity"];
            kind: components["schemas"]["ReaderKind"];
            /** Name */
            name: string;
            /** Values */
            values: {
                [key: string]: components["schemas"]["RereadValue"];
            };
            /** Version */
            version: string;
            /** Words */
            words: string;
        };
        /**
         * SecretMade
         * @description A new secret, shown this once.
         */
        SecretMade: {
            /** Secret */
            secret: string;
        };
        /**
         * Section
         * @description Parts of free text, in the order of a report.
         * @enum {string}
         */
        Section: "macroscopy" | "microscopy" | "diagnosis" | "comment";
        /**
         * SectionDifference
         * @description A section whose words are others.
         */
        SectionDifference: {
            /** Runs */
            runs: components["schemas"]["TextRun"][];
            section: components["schemas"]["Section"];
        };
        /**
         * SegmentationForm
         * @description What the segments hold.
         * @enum {string}
         */
        SegmentationForm: "classes" | "probabilities";
        /**
         * SegmentShown
         * @description A line of a message.
         */
        SegmentShown: {
            /** Fields */
            fields: components["schemas"]["FieldShown"][];
            /** Name */
            name: string;
        };
        /**
         * Sentence
         * @description A sentence for a person, or a part of one: English with {named} fields, and the values that fill them.
         *
         *     The English template is the key by which the web app finds the sentence in another language
         *     (web/src/i18n/sentences.zh.ts), so in the sources it is always a literal. Values are plain JSON or
         *     sentences themselves; what comes from a file is only ever a value, cut to a length that can be shown. A
         *     field without a value stays as it is written, braces and all. `str(sentence)` is English.
         */
        Sentence: {
            /** Template */
            template: string;
            /** Values */
            values?: {
                [key: string]: components["schemas"]["Value"];
            };
        };
        /**
         * SessionKnown
         * @description Where I am signed in.
         */
        SessionKnown: {
            /** Address */
            address: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Device */
            device: string;
            /** Expires At */
            expires_at: string | null;
            /** Id */
            id: string;
            /** Is Strong */
            is_strong: boolean;
            /** Is This */
            is_this: boolean;
            /** Used At */
            used_at: string | null;
            way: components["schemas"]["Way"] | null;
        };
        /**
         * Settings
         * @description How somebody wants their screens. What is null follows the browser.
         */
        Settings: {
            /**
             * Channel Presets
             * @default []
             */
            channel_presets: components["schemas"]["ChannelPreset"][];
            /** Density */
            density?: ("compact" | "standard" | "touch") | null;
            /**
             * Keys
             * @default {}
             */
            keys: {
                [key: string]: string[];
            };
            /** Language */
            language?: ("en" | "zh-CN") | null;
            /** Motion */
            motion?: ("reduced" | "full") | null;
            /** Slow Link */
            slow_link?: ("on" | "off") | null;
            /** Theme */
            theme?: ("dark" | "light") | null;
            /**
             * @default {
             *       "inverted": false,
             *       "speed": 1
             *     }
             */
            wheel: components["schemas"]["Wheel"];
        };
        /**
         * Sex
         * @description As orders state it.
         * @enum {string}
         */
        Sex: "female" | "male" | "other" | "unknown";
        /**
         * Shape
         * @description How a class is told from others without colour.
         * @enum {string}
         */
        Shape: "circle" | "square" | "triangle" | "diamond" | "plus" | "cross";
        /**
         * Share
         * @description Where a slide was sent, and until when it is read there.
         */
        Share: {
            /** Legal Basis */
            legal_basis: string | null;
            /** Organisation Id */
            organisation_id: string;
            /**
             * Shared At
             * Format: date-time
             */
            shared_at: string;
            /**
             * Until
             * Format: date-time
             */
            until: string;
        };
        /**
         * ShareAsked
         * @description To send a slide to an organisation.
         */
        ShareAsked: {
            /**
             * Days
             * @default 30
             */
            days: number;
            /** Legal Basis */
            legal_basis?: string | null;
            /** Organisation Id */
            organisation_id: string;
        };
        /**
         * ShownAnnotation
         * @description An annotation as it is now.
         */
        ShownAnnotation: {
            /**
             * Changed At
             * Format: date-time
             */
            changed_at: string;
            changed_by: components["schemas"]["DrawnBy"];
            /** Class */
            class?: string | null;
            /** Colour */
            colour: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            created_by: components["schemas"]["DrawnBy"];
            geometry: components["schemas"]["DrawnGeometry"];
            /** Id */
            id: string;
            kind: components["schemas"]["AnnotationKind"];
            /**
             * Locked
             * @default false
             */
            locked: boolean;
            measured: components["schemas"]["Measured"];
            /**
             * Name
             * @default
             */
            name: string;
            /**
             * Note
             * @default
             */
            note: string;
            /** Plane */
            plane?: number | null;
            shape?: components["schemas"]["DrawnShape"] | null;
            /** Version */
            version: number;
        };
        /**
         * ShownLevel
         * @description One resolution of an image.
         */
        ShownLevel: {
            /** Columns */
            columns: number;
            /** Derived */
            derived: boolean;
            /** Downsample */
            downsample: number;
            /** Height Px */
            height_px: number;
            /** Number */
            number: number;
            /** Rows */
            rows: number;
            /** Stored */
            stored: boolean;
            /** Tile Height Px */
            tile_height_px: number;
            /** Tile Width Px */
            tile_width_px: number;
            /** Width Px */
            width_px: number;
        };
        /**
         * ShownLook
         * @description How a channel is shown.
         */
        ShownLook: {
            /** Colour */
            colour: string;
            /**
             * Gamma
             * @default 1
             */
            gamma: number;
            /** High */
            high: number;
            /** Low */
            low: number;
            /** Number */
            number: number;
            /** Visible */
            visible: boolean;
        };
        /**
         * SignatureAsked
         * @description Which version is signed, and that it is oneself.
         */
        SignatureAsked: {
            /** Password */
            password?: string | null;
            /** Sha256 */
            sha256: string;
            /** Version */
            version: number;
        };
        /**
         * SignedOut
         * @description Where to go on, for a session that came from an institution.
         */
        SignedOut: {
            /** Continue At */
            continue_at?: string | null;
        };
        /**
         * SignInAnswer
         * @description What became of a sign-in.
         */
        SignInAnswer: {
            purpose?: components["schemas"]["LinkPurpose"] | null;
            /** Ticket */
            ticket?: string | null;
        };
        /**
         * SlideCompared
         * @description Two versions on one slide.
         */
        SlideCompared: {
            /** Agreeing */
            agreeing: number;
            /** Compared */
            compared: number;
            /** First */
            first: {
                [key: string]: number;
            };
            /** Image Id */
            image_id: string;
            /** Image Name */
            image_name: string;
            /** Mean Difference */
            mean_difference: number;
            /** Only First */
            only_first: number;
            /** Only Second */
            only_second: number;
            /** Places */
            places: components["schemas"]["PlaceCompared"][];
            /** Second */
            second: {
                [key: string]: number;
            };
        };
        /**
         * SlideConformity
         * @description How far the metadata of a slide conform.
         */
        SlideConformity: {
            /** Judged At */
            judged_at: string | null;
            level: components["schemas"]["Level"] | null;
            /** Verdicts */
            verdicts: components["schemas"]["ElementVerdict"][];
        };
        /**
         * SlideLabelled
         * @description A slide of which it is known whether it is positive.
         */
        SlideLabelled: {
            /** Positive */
            positive: boolean;
            /** Slide */
            slide: string;
        };
        /**
         * SlideLife
         * @description What happened to a slide.
         */
        SlideLife: {
            /** Actions */
            actions: {
                [key: string]: number;
            };
            /** Refused */
            refused: number;
            /** Viewers */
            viewers: components["schemas"]["SlideViewer"][];
        };
        /**
         * SlideLook
         * @description What readers of a slide see of its channels first, and who said so.
         */
        SlideLook: {
            /** Channels */
            channels: components["schemas"]["ShownLook"][];
            /**
             * Set At
             * Format: date-time
             */
            set_at: string;
            /** Set By */
            set_by: string;
        };
        /**
         * SlideRiskShown
         * @description What a point said of a run on a slide.
         */
        SlideRiskShown: {
            band: components["schemas"]["CaseBand"];
            /** Image Id */
            image_id: string;
            outcome: components["schemas"]["TriageOutcome"];
            /** Point Id */
            point_id: string;
            /** Probability */
            probability: number | null;
            /** Run Id */
            run_id: string | null;
            /** Score */
            score: number | null;
            why: components["schemas"]["Sentence"] | null;
        };
        /**
         * SlideViewer
         * @description Somebody who opened a slide.
         */
        SlideViewer: {
            /**
             * Last At
             * Format: date-time
             */
            last_at: string;
            /** Name */
            name: string | null;
            /** Openings */
            openings: number;
            /** Person */
            person: string;
        };
        /**
         * SlideWith
         * @description A slide of a list.
         */
        SlideWith: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Organ */
            organ: string | null;
            /** Stain */
            stain: string | null;
        };
        /**
         * SourceKind
         * @description Who or what wrote a version, or stands behind a statement.
         * @enum {string}
         */
        SourceKind: "person" | "template" | "model";
        /**
         * Spacing
         * @description Distance between level-0 pixels in micrometres.
         */
        Spacing: {
            /** X */
            x: number;
            /** Y */
            y: number;
        };
        /**
         * Span
         * @description From one milestone to the next, and the whole.
         * @enum {string}
         */
        Span: "accessioning" | "grossing" | "bench" | "waiting" | "reading" | "total";
        /**
         * Stage
         * @description Where a piece of material is on the bench.
         * @enum {string}
         */
        Stage: "expected" | "collected" | "in_transit" | "received" | "accepted" | "rejected" | "grossed" | "stored" | "disposed" | "planned" | "printed" | "filled" | "processed" | "embedded" | "cut" | "filed" | "on_loan" | "labelled" | "sectioned" | "stained" | "coverslipped" | "qc_passed" | "qc_failed" | "racked" | "scanned" | "lost" | "broken" | "cancelled";
        /**
         * StageAsked
         * @description Where a piece is now.
         */
        StageAsked: {
            /** Occurred At */
            occurred_at?: string | null;
            /**
             * Reason
             * @default
             */
            reason: string;
            stage: components["schemas"]["Stage"];
        };
        /**
         * StainName
         * @description What is on the glass, in both languages; the words of the laboratory where nobody mapped them.
         */
        StainName: {
            /** En */
            en: string;
            /** Zh */
            zh: string;
        };
        /**
         * Standing
         * @description Which reading an arbiter found right.
         * @enum {string}
         */
        Standing: "first" | "second" | "neither";
        /**
         * State
         * @description How far a reread is.
         * @enum {string}
         */
        State: "waiting" | "reading" | "agreed" | "disputed" | "arbitration" | "decided" | "void";
        /**
         * Status
         * @description What a version may be used for.
         * @enum {string}
         */
        "Status-Input": "research" | "shadow" | "clinical" | "withdrawn";
        /**
         * Step
         * @description What happens to a piece at a point.
         * @enum {string}
         */
        Step: "receive" | "gross" | "process" | "embed" | "cut" | "stain" | "coverslip" | "check" | "rack" | "scan" | "file" | "loans" | "discard" | "place";
        /**
         * StepTaken
         * @description How long a step took in a group of cases.
         */
        StepTaken: {
            /** Count */
            count: number;
            /** Median H */
            median_h: number;
            /** P90 H */
            p90_h: number;
        };
        /**
         * StoredObject
         * @description One file or blob of an image.
         */
        StoredObject: {
            kind: components["schemas"]["ObjectKind"];
            /** Name */
            name: string;
            /** Number */
            number: number;
            /** Sha256 */
            sha256: string | null;
            /** Size Bytes */
            size_bytes: number;
        };
        /**
         * Subspecialty
         * @description The field of whoever should read it.
         * @enum {string}
         */
        Subspecialty: "general" | "gastrointestinal" | "breast" | "gynaecology" | "urology" | "thoracic" | "head_and_neck" | "skin" | "soft_tissue" | "haematology" | "neuropathology" | "kidney" | "cytology";
        /**
         * SupportKind
         * @description What can support a statement.
         * @enum {string}
         */
        SupportKind: "annotation" | "layer" | "measurement" | "region" | "model";
        /**
         * TakeBackAsked
         * @description To undo or redo; with an id, once however often it arrives.
         */
        TakeBackAsked: {
            /** Id */
            id?: string | null;
        };
        /**
         * TakeOutAsked
         * @description What is taken out of a container.
         */
        TakeOutAsked: {
            /** Code */
            code: string;
            /**
             * Reason
             * @default
             */
            reason: string;
        };
        /**
         * TakeOverAsked
         * @description Fields of the file that the case is to have.
         */
        TakeOverAsked: {
            /** Fields */
            fields: components["schemas"]["FileField"][];
        };
        /**
         * Task
         * @description What a model is for.
         * @enum {string}
         */
        Task: "tile-score" | "tile-embedding" | "slide-head" | "cell-instances" | "cell-score" | "region-segmentation" | "quality" | "report-draft" | "retrieval" | "survival";
        /**
         * TemplateCondition
         * @description What has to be the case; all that is stated has to hold.
         */
        TemplateCondition: {
            /** All */
            all: components["schemas"]["TemplateCondition"][];
            /** Any */
            any: components["schemas"]["TemplateCondition"][];
            /** At Least */
            at_least: number | null;
            /** Below */
            below: number | null;
            /** Element */
            element: string;
            /** Is Stated */
            is_stated: boolean | null;
            /** Is Yes */
            is_yes: boolean | null;
            /** More Than */
            more_than: string;
            /** None Of */
            none_of: string[];
            /** One Of */
            one_of: string[];
        };
        /**
         * TemplateElement
         * @description One thing that a report states.
         */
        TemplateElement: {
            /** Computed From */
            computed_from: string[];
            /** Id */
            id: string;
            /** Is Unverified */
            is_unverified: boolean;
            kind: components["schemas"]["ElementKind"];
            label: components["schemas"]["BilingualText"];
            /** Maximum */
            maximum: number | null;
            /** Minimum */
            minimum: number | null;
            /** Options */
            options: components["schemas"]["TemplateOption"][];
            /** Required */
            required: boolean;
            required_when: components["schemas"]["TemplateCondition"] | null;
            shown_when: components["schemas"]["TemplateCondition"] | null;
            /** Source */
            source: string | null;
            /** Unit */
            unit: string;
        };
        /**
         * TemplateOption
         * @description One answer that can be chosen.
         */
        TemplateOption: {
            /** Code */
            code: string;
            /** Id */
            id: string;
            label: components["schemas"]["BilingualText"];
        };
        /**
         * TemplateRow
         * @description A template that a report can be filled into.
         */
        TemplateRow: {
            /** Digest */
            digest: string;
            /** Id */
            id: string;
            /** Is Own */
            is_own: boolean;
            label: components["schemas"]["BilingualText"];
            /** Version */
            version: number;
        };
        /**
         * TemplateShown
         * @description A template with all that it asks.
         */
        TemplateShown: {
            /** Digest */
            digest: string;
            /** Elements */
            elements: components["schemas"]["TemplateElement"][];
            /** Id */
            id: string;
            label: components["schemas"]["BilingualText"];
            /** Version */
            version: number;
        };
        /**
         * TermNamed
         * @description A stain, an organ or a way to take tissue.
         */
        TermNamed: {
            /** En */
            en: string;
            /** Id */
            id: string;
            /** Zh */
            zh: string;
        };
        /**
         * Terms
         * @description What policy asks of a slide.
         */
        Terms: {
            /**
             * Blinded
             * @default false
             */
            blinded: boolean;
            /**
             * Consented
             * @default []
             */
            consented: components["schemas"]["Purpose"][];
            /**
             * Refused
             * @default []
             */
            refused: components["schemas"]["Purpose"][];
            /**
             * Restricted
             * @default false
             */
            restricted: boolean;
        };
        /**
         * TermShown
         * @description An entry of a code table.
         */
        TermShown: {
            /** Codes */
            codes: components["schemas"]["Code"][];
            /** En */
            en: string;
            /** Id */
            id: string;
            kind: components["schemas"]["hemalum__formats__profile__terms__Kind"];
            /** Zh */
            zh: string;
        };
        Text: string;
        /**
         * TextRun
         * @description A piece of text that is in both versions, in the earlier alone, or in the later alone.
         */
        TextRun: {
            kind: components["schemas"]["RunKind"];
            /** Text */
            text: string;
        };
        /**
         * Ticket
         * @description Which request of an app is meant.
         */
        Ticket: {
            /** Request */
            request: string;
        };
        /**
         * TissueKnown
         * @description A picture of the whole image that says where the tissue is.
         */
        TissueKnown: {
            /** Cells */
            cells: string;
            /** Columns */
            columns: number;
            /** Rows */
            rows: number;
        };
        /**
         * TokenAsked
         * @description A token to be made.
         */
        TokenAsked: {
            /** Days */
            days: number;
            /** Name */
            name: string;
            /** Scopes */
            scopes: string[];
        };
        /**
         * TokenKnown
         * @description A token, without its secret.
         */
        TokenKnown: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Expires At */
            expires_at: string | null;
            /** Id */
            id: string;
            /** Is Idle */
            is_idle: boolean;
            /** Name */
            name: string;
            /** Organisation Id */
            organisation_id: string | null;
            /** Scopes */
            scopes: string[] | null;
            /** Used At */
            used_at: string | null;
        };
        /**
         * TokenMade
         * @description A token with its secret, which is shown once.
         */
        TokenMade: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Expires At */
            expires_at: string | null;
            /** Id */
            id: string;
            /** Is Idle */
            is_idle: boolean;
            /** Name */
            name: string;
            /** Organisation Id */
            organisation_id: string | null;
            /** Scopes */
            scopes: string[] | null;
            /** Secret */
            secret: string;
            /** Used At */
            used_at: string | null;
        };
        /**
         * TotpBegun
         * @description An authenticator app to be set up.
         */
        TotpBegun: {
            /** Qr Code */
            qr_code: string;
            /** Secret */
            secret: string;
        };
        /**
         * TotpCode
         * @description A first code of the app.
         */
        TotpCode: {
            /** Code */
            code: string;
        };
        /**
         * TransformAsked
         * @description A transform from the first slide of the address to the second.
         */
        TransformAsked: {
            /** Displacements */
            displacements?: string | null;
            kind: components["schemas"]["TransformKind"];
            /**
             * Landmarks
             * @default []
             */
            landmarks: components["schemas"]["LandmarkPair"][];
            /** Matrix */
            matrix: [
                number,
                number,
                number,
                number,
                number,
                number
            ];
            /**
             * Method
             * @default landmarks
             */
            method: string;
            /** Replaces */
            replaces?: string | null;
        };
        /**
         * TransformFound
         * @description The transform between two slides, if there is one.
         */
        TransformFound: {
            transform: components["schemas"]["TransformShown"] | null;
        };
        /**
         * TransformKind
         * @description What the matrix of a transform may do.
         * @enum {string}
         */
        TransformKind: "rigid" | "similarity" | "affine";
        /**
         * TransformShown
         * @description A transform between two slides.
         */
        TransformShown: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            created_by: components["schemas"]["AlignedBy"];
            /** From Image Id */
            from_image_id: string;
            /** Has Displacements */
            has_displacements: boolean;
            /** Id */
            id: string;
            kind: components["schemas"]["TransformKind"];
            /** Landmarks */
            landmarks: components["schemas"]["LandmarkPair"][];
            /** Matrix */
            matrix: [
                number,
                number,
                number,
                number,
                number,
                number
            ];
            /** Method */
            method: string;
            /** Residual Um */
            residual_um: number | null;
            /** Stale */
            stale: boolean;
            /** To Image Id */
            to_image_id: string;
        };
        /**
         * TriageAsked
         * @description How soon a case is wanted, by whom it should be read, until when; what is null stays.
         */
        TriageAsked: {
            /** Due At */
            due_at?: string | null;
            priority?: components["schemas"]["Priority"] | null;
            subspecialty?: components["schemas"]["Subspecialty"] | null;
        };
        /**
         * TriageOutcome
         * @description What came of looking at a slide.
         * @enum {string}
         */
        TriageOutcome: "scored" | "abstained" | "nothing_said" | "outside" | "refused" | "failed" | "cancelled" | "withdrawn" | "earlier_scan" | "waiting";
        /**
         * TriagePoint
         * @description An operating point, in force or ended.
         */
        TriagePoint: {
            /** Alpha */
            alpha: number;
            claim: components["schemas"]["PointClaim"] | null;
            /** Class Name */
            class_name: string;
            /** Ended At */
            ended_at: string | null;
            /** Ended By Name */
            ended_by_name: string | null;
            /** Id */
            id: string;
            /**
             * Made At
             * Format: date-time
             */
            made_at: string;
            /** Made By Name */
            made_by_name: string;
            method: components["schemas"]["CalibrationMethod"];
            /** Model Id */
            model_id: string;
            /** Model Name */
            model_name: string;
            /** Model Version */
            model_version: string;
            /** Number */
            number: number;
            purpose: components["schemas"]["TriagePurpose"];
            /** Reason */
            reason: string;
            /** Sites */
            sites: components["schemas"]["PointSite"][];
            /** Threshold */
            threshold: number;
            /** Version Id */
            version_id: string;
        };
        /**
         * TriagePurpose
         * @description What a threshold is for.
         * @enum {string}
         */
        TriagePurpose: "triage" | "rule-out";
        /**
         * TrialAsked
         * @description What the laboratory found on its own slides.
         */
        TrialAsked: {
            /** Cohort */
            cohort: string;
            /** Metrics */
            metrics: components["schemas"]["MetricShown"][];
            /** N */
            n: number;
            /**
             * Note
             * @default
             */
            note: string;
            /**
             * Of
             * @default slides
             */
            of: string;
        };
        /**
         * TurnaroundGroup
         * @description Cases that were told apart from others.
         */
        TurnaroundGroup: {
            /** Count */
            count: number;
            /** High */
            high: number;
            /** Low */
            low: number;
            /** Name */
            name: string;
            /** Steps */
            steps: {
                [key: string]: components["schemas"]["StepTaken"];
            };
            /** Within */
            within: number;
        };
        /**
         * TurnaroundShown
         * @description How long cases took.
         */
        TurnaroundShown: {
            /** Ages D */
            ages_d: number[];
            /** Backlog */
            backlog: number[];
            /** Backlog Late */
            backlog_late: number[];
            /** Edges H */
            edges_h: number[];
            /** Groups */
            groups: components["schemas"]["TurnaroundGroup"][];
            /** Histogram */
            histogram: number[];
            /** Slowest */
            slowest: components["schemas"]["TurnShown"][];
            whole: components["schemas"]["TurnaroundGroup"];
        };
        /**
         * TurnShown
         * @description A case that took long.
         */
        TurnShown: {
            /** Case Id */
            case_id: string;
            /**
             * Final At
             * Format: date-time
             */
            final_at: string;
            /** Is Within */
            is_within: boolean;
            /** Number */
            number: string;
            priority: components["schemas"]["Priority"];
            subspecialty: components["schemas"]["Subspecialty"];
            /** Total H */
            total_h: number;
        };
        /**
         * UnknownWordShown
         * @description A word that nobody mapped.
         */
        UnknownWordShown: {
            kind: components["schemas"]["hemalum__formats__profile__terms__Kind"];
            level: components["schemas"]["Level"];
            /** Slides */
            slides: number;
            /** Word */
            word: string;
        };
        /**
         * UploadAnswer
         * @description An upload as JSON.
         */
        UploadAnswer: {
            /** Filename */
            filename: string;
            /** Id */
            id: string;
            /** Image Id */
            image_id: string | null;
            /** Length */
            length: number;
            /** Offset */
            offset: number;
            /** Sha256 */
            sha256: string | null;
            /** Status */
            status: string;
        };
        /**
         * ValidationShown
         * @description A trial, by the publisher or by this laboratory.
         */
        ValidationShown: {
            /** At */
            at?: string | null;
            /**
             * Baseline
             * @default
             */
            baseline: string;
            /** By */
            by: string;
            /** Cohort */
            cohort: string;
            /** Done */
            done?: string | null;
            /** Metrics */
            metrics: components["schemas"]["MetricShown"][];
            /** N */
            n: number;
            /**
             * Note
             * @default
             */
            note: string;
            /** Of */
            of: string;
            /**
             * Split
             * @default
             */
            split: string;
        };
        Value: string | number | components["schemas"]["Sentence"];
        /**
         * Verdict
         * @description What a reviewer found of a broken glass.
         * @enum {string}
         */
        Verdict: "justified" | "not_justified";
        /**
         * VerdictAsked
         * @description What an arbiter decides.
         */
        VerdictAsked: {
            defect: components["schemas"]["Defect"];
            gravity: components["schemas"]["Gravity"];
            standing: components["schemas"]["Standing"];
            /** Words */
            words: string;
        };
        /**
         * VerifiedFault
         * @description Something that is wrong with the chain.
         */
        VerifiedFault: {
            /** Number */
            number: number;
            said: components["schemas"]["Sentence"];
        };
        /**
         * VerifiedShown
         * @description What a look at the chain came to.
         */
        VerifiedShown: {
            /** Events */
            events: number;
            /** Faults */
            faults: components["schemas"]["VerifiedFault"][];
            /** Whole At */
            whole_at: string | null;
        };
        /**
         * VersionCompared
         * @description One of two versions.
         */
        VersionCompared: {
            /** Model Id */
            model_id: string;
            /** Model Version */
            model_version: string;
            /** Name */
            name: string;
            /** Name Zh */
            name_zh: string;
            /** Slides Alone */
            slides_alone: number;
            status: components["schemas"]["hemalum__formats__model__contract__Status"];
            /** Version Id */
            version_id: string;
        };
        /**
         * VersionDetail
         * @description All that is known of a version.
         */
        VersionDetail: {
            /** Abstains Below */
            abstains_below: number | null;
            /** Accepted At */
            accepted_at: string | null;
            /** Accepted By */
            accepted_by: string | null;
            /** Added By */
            added_by: string;
            /** Address */
            address: string;
            /** Changes */
            changes: components["schemas"]["ChangeShown"][];
            /** Classes */
            classes: components["schemas"]["ClassShown"][];
            /** Clinical Use */
            clinical_use: boolean;
            /** Commercial Use */
            commercial_use: boolean;
            /** Contraindications */
            contraindications: string[];
            /** Contraindications Zh */
            contraindications_zh: string[];
            /** Golden Difference */
            golden_difference: number;
            /** Golden Tiles */
            golden_tiles: number;
            /** Jurisdictions */
            jurisdictions: components["schemas"]["JurisdictionShown"][];
            /** Licence Note */
            licence_note: string;
            /** Limits */
            limits: string[];
            /** Limits Zh */
            limits_zh: string[];
            /** Local Validations */
            local_validations: components["schemas"]["ValidationShown"][];
            /** Needs Acceptance */
            needs_acceptance: boolean;
            /** Operating Points */
            operating_points: components["schemas"]["OperatingPointShown"][];
            /** Operating Points Zh */
            operating_points_zh: components["schemas"]["OperatingPointShown"][];
            /** Organs */
            organs: components["schemas"]["TermNamed"][];
            published_status: components["schemas"]["hemalum__formats__model__contract__Status"];
            /** Purpose */
            purpose: string;
            /** Purpose Zh */
            purpose_zh: string;
            /** Released */
            released: string | null;
            row: components["schemas"]["VersionRow"];
            /** Scanners */
            scanners: string[];
            /** Signed With */
            signed_with: string;
            /** Size Bytes */
            size_bytes: number;
            /** Specimen Types */
            specimen_types: components["schemas"]["TermNamed"][];
            /** Stains */
            stains: components["schemas"]["TermNamed"][];
            /** Summary */
            summary: string;
            /** Summary Zh */
            summary_zh: string;
            /** Tile Px */
            tile_px: number | null;
            /** Training */
            training: string[];
            /** Training Zh */
            training_zh: string[];
            /** Trusted Publisher */
            trusted_publisher: string | null;
            /** Um Per Px */
            um_per_px: number | null;
            /** User */
            user: string;
            /** User Zh */
            user_zh: string;
            /** Validations */
            validations: components["schemas"]["ValidationShown"][];
            /** Validations Zh */
            validations_zh: components["schemas"]["ValidationShown"][];
        };
        /**
         * VersionRow
         * @description A version in the list.
         */
        VersionRow: {
            access: components["schemas"]["Access"];
            /**
             * Added At
             * Format: date-time
             */
            added_at: string;
            autonomy: components["schemas"]["Autonomy"];
            /** Awaits Acceptance */
            awaits_acceptance: boolean;
            /** Id */
            id: string;
            /** Is Signed */
            is_signed: boolean;
            /** Licence */
            licence: string;
            /** Model Id */
            model_id: string;
            /** Name */
            name: string;
            /** Name Zh */
            name_zh: string;
            /** Publisher */
            publisher: string;
            status: components["schemas"]["hemalum__formats__model__contract__Status"];
            task: components["schemas"]["Task"];
            /** Version */
            version: string;
        };
        /**
         * VersionsCompared
         * @description Two versions over the slides on which both are done.
         */
        VersionsCompared: {
            /** Agreement */
            agreement: number | null;
            /** Agreement High */
            agreement_high: number | null;
            /** Agreement Low */
            agreement_low: number | null;
            /** Classes */
            classes: components["schemas"]["ClassCompared"][];
            first: components["schemas"]["VersionCompared"];
            /** Kappa */
            kappa: number | null;
            /** Left Out */
            left_out: number;
            second: components["schemas"]["VersionCompared"];
            /** Slides */
            slides: components["schemas"]["SlideCompared"][];
            /** Table */
            table: number[][];
            unit: components["schemas"]["ComparedUnit"];
        };
        /**
         * WaitingShown
         * @description A piece that should come to a point, or that nobody has seen for long.
         */
        WaitingShown: {
            /** Case Id */
            case_id: string;
            /** Code */
            code: string;
            /** Description */
            description: string;
            /**
             * Due At
             * Format: date-time
             */
            due_at: string;
            kind: components["schemas"]["hemalum__capabilities__cases__model__Kind"];
            next_step: components["schemas"]["Step"] | null;
            /** Number */
            number: string;
            /** Person */
            person: string;
            place: components["schemas"]["PlaceShown"] | null;
            priority: components["schemas"]["Priority"];
            /** Seen At */
            seen_at: string | null;
            stage: components["schemas"]["Stage"];
        };
        /**
         * Way
         * @description How somebody came in.
         * @enum {string}
         */
        Way: "password" | "passkey" | "link" | "institution";
        /**
         * Wheel
         * @description How the mouse wheel zooms.
         */
        Wheel: {
            /**
             * Inverted
             * @default false
             */
            inverted: boolean;
            /**
             * Speed
             * @default 1
             */
            speed: number;
        };
        /**
         * WhereaboutsShown
         * @description Where something is, and all that happened to it.
         */
        WhereaboutsShown: {
            /** Case Id */
            case_id: string | null;
            /** Code */
            code: string;
            /** Events */
            events: components["schemas"]["CustodyEventShown"][];
            /** Kind */
            kind: string;
            loan: components["schemas"]["LoanShown"] | null;
            /** Mishaps */
            mishaps: components["schemas"]["Mishap"][];
            /** Number */
            number: string;
            /** Path */
            path: components["schemas"]["PlaceShown"][];
            /** Person */
            person: string;
            /** Seen At */
            seen_at: string | null;
            /** Since */
            since: string | null;
            stage: components["schemas"]["Stage"] | null;
            verified: components["schemas"]["VerifiedShown"];
        };
        /**
         * WithdrawalAsked
         * @description Why a photograph was entered in error.
         */
        WithdrawalAsked: {
            /** Reason */
            reason: string;
        };
        /**
         * WordAsked
         * @description A word of a laboratory.
         */
        WordAsked: {
            kind: components["schemas"]["Kind-Input"];
            /** Word */
            word: string;
        };
        /**
         * Wording
         * @description Who words the draft.
         * @enum {string}
         */
        Wording: "grammar" | "waiting" | "checked" | "overtaken" | "cancelled" | "failed";
        /**
         * Work
         * @description What can be asked for.
         * @enum {string}
         */
        Work: "deeper_levels" | "recut" | "special_stain" | "ihc" | "ish" | "molecular" | "re_embed" | "further_block" | "re_scan" | "re_coverslip";
        /**
         * WorkCounts
         * @description How many work orders are open.
         */
        WorkCounts: {
            /** By Case */
            by_case: {
                [key: string]: number;
            };
            /** By State */
            by_state: {
                [key: string]: number;
            };
        };
        /**
         * WorkMoved
         * @description Where an order is to go.
         */
        WorkMoved: {
            /**
             * Reason
             * @default
             */
            reason: string;
            state: components["schemas"]["WorkState"];
        };
        /**
         * WorkOrderShown
         * @description Further work on one piece of a case.
         */
        WorkOrderShown: {
            /** Case Id */
            case_id: string;
            /** Case Number */
            case_number: string;
            /**
             * Changed At
             * Format: date-time
             */
            changed_at: string;
            /** Copies */
            copies: number;
            /** Decided By Name */
            decided_by_name: string | null;
            /** Id */
            id: string;
            /** Next States */
            next_states: components["schemas"]["WorkState"][];
            /** Planned */
            planned: string[];
            priority: components["schemas"]["Priority"];
            /** Reason */
            reason: string;
            /**
             * Requested At
             * Format: date-time
             */
            requested_at: string;
            /** Requested By Name */
            requested_by_name: string;
            /** Said */
            said: string;
            /** Serial */
            serial: number;
            /** Stains */
            stains: string[];
            state: components["schemas"]["WorkState"];
            /** Subject */
            subject: string;
            /** Subject Id */
            subject_id: string | null;
            /** Words */
            words: string;
            work: components["schemas"]["Work"];
        };
        /**
         * WorkPage
         * @description A part of the list of the bench.
         */
        WorkPage: {
            /** Items */
            items: components["schemas"]["WorkOrderShown"][];
            /** Offset */
            offset: number;
            /** Total */
            total: number;
        };
        /**
         * WorkRequested
         * @description Further work, the same on each piece; one work order for each.
         */
        WorkRequested: {
            /**
             * Copies
             * @default 1
             */
            copies: number;
            /** @default routine */
            priority: components["schemas"]["Priority"];
            /**
             * Reason
             * @default
             */
            reason: string;
            /**
             * Stains
             * @default []
             */
            stains: string[];
            /**
             * Subject Ids
             * @default []
             */
            subject_ids: string[];
            /**
             * Words
             * @default
             */
            words: string;
            work: components["schemas"]["Work"];
        };
        /**
         * WorkState
         * @description How far a work order is.
         * @enum {string}
         */
        WorkState: "requested" | "accepted" | "rejected" | "in_progress" | "done" | "cancelled";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    access_show_account: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountAnswer"];
                };
            };
        };
    };
    access_add_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasskeyMade"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_remove_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                passkey_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_begin_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ceremony"];
                };
            };
        };
    };
    access_set_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChanged"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_new_recovery_codes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
        };
    };
    access_list_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionKnown"][];
                };
            };
        };
    };
    access_end_other_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_end_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_list_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenKnown"][];
                };
            };
        };
    };
    access_issue_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenMade"];
                };
            };
        };
    };
    access_revoke_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_confirm_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TotpCode"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
        };
    };
    access_begin_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TotpBegun"];
                };
            };
        };
    };
    access_remove_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_list_groups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupShown"][];
                };
            };
        };
    };
    access_add_group: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupShown"];
                };
            };
        };
    };
    access_change_group: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupShown"];
                };
            };
        };
    };
    access_remove_group: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_list_institutions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Institution"][];
                };
            };
        };
    };
    access_back_channel_logout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["Body_access_back_channel_logout"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_start_at_institution: {
        parameters: {
            query?: {
                to?: string;
            };
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            307: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_come_back_from_institution: {
        parameters: {
            query?: {
                code?: string;
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            307: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
        };
    };
    access_act_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ActIn"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
        };
    };
    access_show_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
        };
    };
    access_keep_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Settings"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
        };
    };
    access_list_organisations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrganisationShown"][];
                };
            };
        };
    };
    access_add_organisation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrganisationAdded"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrganisationShown"];
                };
            };
        };
    };
    access_change_organisation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                organisation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrganisationAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrganisationShown"];
                };
            };
        };
    };
    access_list_people: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                organisation_id?: string | null;
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PeoplePage"];
                };
            };
        };
    };
    access_add_person: {
        parameters: {
            query?: {
                organisation_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonAdded"];
                };
            };
        };
    };
    access_show_person: {
        parameters: {
            query?: {
                organisation_id?: string | null;
            };
            header?: never;
            path: {
                person_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonShown"];
                };
            };
        };
    };
    access_rename_person: {
        parameters: {
            query?: {
                organisation_id?: string | null;
            };
            header?: never;
            path: {
                person_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonChanged"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_reset_person: {
        parameters: {
            query?: {
                organisation_id?: string | null;
            };
            header?: never;
            path: {
                person_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResetAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkMade"];
                };
            };
        };
    };
    access_set_roles: {
        parameters: {
            query?: {
                organisation_id?: string | null;
            };
            header?: never;
            path: {
                person_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RolesAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_sign_person_out: {
        parameters: {
            query?: {
                organisation_id?: string | null;
            };
            header?: never;
            path: {
                person_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_suspend_person: {
        parameters: {
            query?: {
                organisation_id?: string | null;
            };
            header?: never;
            path: {
                person_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_reinstate_person: {
        parameters: {
            query?: {
                organisation_id?: string | null;
            };
            header?: never;
            path: {
                person_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_list_service_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenKnown"][];
                };
            };
        };
    };
    access_issue_service_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenMade"];
                };
            };
        };
    };
    access_revoke_service_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person_id: string;
                token_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_list_providers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderShown"][];
                };
            };
        };
    };
    access_add_provider: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderShown"];
                };
            };
        };
    };
    access_change_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderShown"];
                };
            };
        };
    };
    access_remove_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_test_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    access_sign_in_by_link: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkShown"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInAnswer"];
                };
            };
        };
    };
    access_sign_in_by_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasskeyShown"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInAnswer"];
                };
            };
        };
    };
    access_begin_sign_in_by_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ceremony"];
                };
            };
        };
    };
    access_sign_in_by_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordShown"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInAnswer"];
                };
            };
        };
    };
    access_sign_in_by_second_factor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeShown"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInAnswer"];
                };
            };
        };
    };
    access_sign_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedOut"];
                };
            };
        };
    };
    annotations_list_classes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnnotationClass"][];
                };
            };
        };
    };
    annotations_define_classes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnnotationClass"][];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnnotationClass"][];
                };
            };
        };
    };
    annotations_list_annotations: {
        parameters: {
            query?: {
                since?: number | null;
            };
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnnotationsSince"];
                };
            };
        };
    };
    annotations_give_command: {
        parameters: {
            query?: {
                since?: number | null;
            };
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CommandAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnnotationsSince"];
                };
            };
        };
    };
    annotations_export: {
        parameters: {
            query?: {
                format?: components["schemas"]["ExportForm"];
            };
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    annotations_list_history: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnnotationHistory"];
                };
            };
        };
    };
    annotations_import_file: {
        parameters: {
            query?: {
                format?: components["schemas"]["ImportForm"];
                since?: number | null;
            };
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnnotationsImported"];
                };
            };
        };
    };
    annotations_redo: {
        parameters: {
            query?: {
                since?: number | null;
            };
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeBackAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnnotationsSince"];
                };
            };
        };
    };
    annotations_undo: {
        parameters: {
            query?: {
                since?: number | null;
            };
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeBackAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnnotationsSince"];
                };
            };
        };
    };
    appraisal_show_drift: {
        parameters: {
            query: {
                begin: string;
                by?: components["schemas"]["LinesBy"];
                end: string;
                reference_begin?: string | null;
                reference_end?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftShown"];
                };
            };
        };
    };
    appraisal_export_drift: {
        parameters: {
            query: {
                begin: string;
                by?: components["schemas"]["LinesBy"];
                end: string;
                reference_begin?: string | null;
                reference_end?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    appraisal_list_drift_slides: {
        parameters: {
            query: {
                by?: components["schemas"]["LinesBy"];
                monday: string;
                scanner_model?: string;
                scanner_serial?: string;
                stain?: string;
                vendor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftSlide"][];
                };
            };
        };
    };
    appraisal_show_appraisal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppraisalShown"];
                };
            };
        };
    };
    apps_list_apps: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppShown"][];
                };
            };
        };
    };
    apps_register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppStated"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppMade"];
                };
            };
        };
    };
    apps_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppStated"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppShown"];
                };
            };
        };
    };
    apps_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    apps_launch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LaunchAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoOn"];
                };
            };
        };
    };
    apps_new_secret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecretMade"];
                };
            };
        };
    };
    apps_list_authorisations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuthorisationShown"][];
                };
            };
        };
    };
    apps_end_authorisation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                authorisation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    apps_list_launchable: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Launchable"][];
                };
            };
        };
    };
    apps_allow: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Allowed"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoOn"];
                };
            };
        };
    };
    apps_refuse: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Ticket"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoOn"];
                };
            };
        };
    };
    apps_show_request: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Ticket"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppRequestShown"];
                };
            };
        };
    };
    audit_choices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditChoices"];
                };
            };
        };
    };
    audit_list_entries: {
        parameters: {
            query?: {
                action?: string | null;
                before?: number | null;
                flag?: string | null;
                for?: string | null;
                from?: string | null;
                limit?: number;
                opening?: string | null;
                organisation?: string | null;
                outcome?: components["schemas"]["Outcome-Input"] | null;
                person?: string | null;
                target?: string | null;
                to?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntryPage"];
                };
            };
        };
    };
    audit_show_entry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditEntry"];
                };
            };
        };
    };
    audit_prove_entry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    audit_raw_entry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    audit_erase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subject: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    audit_export_csv: {
        parameters: {
            query?: {
                action?: string | null;
                flag?: string | null;
                for?: string | null;
                from?: string | null;
                opening?: string | null;
                organisation?: string | null;
                outcome?: components["schemas"]["Outcome-Input"] | null;
                person?: string | null;
                target?: string | null;
                to?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    audit_list_flags: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                open?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditFlag"][];
                };
            };
        };
    };
    audit_acknowledge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                flag_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Acknowledgement"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditFlag"];
                };
            };
        };
    };
    audit_follow_slide: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SlideLife"];
                };
            };
        };
    };
    cases_accession_case: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccessionAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDetail"];
                };
            };
        };
    };
    cases_show_case: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDetail"];
                };
            };
        };
    };
    cases_triage_case: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TriageAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDetail"];
                };
            };
        };
    };
    cases_assign_case: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AssignmentAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDetail"];
                };
            };
        };
    };
    cases_list_case_events: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseEventShown"][];
                };
            };
        };
    };
    cases_print_labels: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LabelsAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    cases_add_material: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MaterialAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDetail"];
                };
            };
        };
    };
    cases_show_request: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestShown"];
                };
            };
        };
    };
    cases_move_case: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["hemalum__capabilities__cases__routes__answers__StatusAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDetail"];
                };
            };
        };
    };
    cases_show_case_of_image: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageCase"];
                };
            };
        };
    };
    cases_link_image: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDetail"];
                };
            };
        };
    };
    cases_compare_image: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FieldCompared"][];
                };
            };
        };
    };
    cases_take_over: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeOverAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FieldCompared"][];
                };
            };
        };
    };
    cases_unlink_image: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonGiven"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    cases_show_code: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                material_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    cases_move_material: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                material_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StageAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDetail"];
                };
            };
        };
    };
    cases_show_patient: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                patient_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PatientKnown"];
                };
            };
        };
    };
    cases_correct_patient: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                patient_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CorrectionAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PatientKnown"];
                };
            };
        };
    };
    cases_merge_patients: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                patient_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MergeAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PatientKnown"];
                };
            };
        };
    };
    cases_unmerge_patients: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                patient_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonGiven"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PatientKnown"];
                };
            };
        };
    };
    cases_find_patients: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PatientSearch"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PatientKnown"][];
                };
            };
        };
    };
    cases_count_queues: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueueCounts"];
                };
            };
        };
    };
    cases_list_readers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseReader"][];
                };
            };
        };
    };
    cases_search_cases: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SearchAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CasePage"];
                };
            };
        };
    };
    cases_show_turnaround: {
        parameters: {
            query: {
                begin: string;
                by?: components["schemas"]["GroupBy"];
                end: string;
                priority?: components["schemas"]["Priority"] | null;
                subspecialty?: components["schemas"]["Subspecialty"] | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TurnaroundShown"];
                };
            };
        };
    };
    cases_export_turnaround: {
        parameters: {
            query: {
                begin: string;
                by?: components["schemas"]["GroupBy"];
                end: string;
                priority?: components["schemas"]["Priority"] | null;
                subspecialty?: components["schemas"]["Subspecialty"] | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    conformity_show_slide: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SlideConformity"];
                };
            };
        };
    };
    conformity_send_record: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    conformity_show_report: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConformityShown"];
                };
            };
        };
    };
    conformity_send_report: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    conformity_list_slides: {
        parameters: {
            query: {
                element?: string | null;
                level: components["schemas"]["Level"];
                word?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SlideWith"][];
                };
            };
        };
    };
    conformity_list_terms: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TermShown"][];
                };
            };
        };
    };
    conformity_list_mappings: {
        parameters: {
            query?: {
                with_ended?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MappingShown"][];
                };
            };
        };
    };
    conformity_map_word: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MappingAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MappingShown"];
                };
            };
        };
    };
    conformity_send_mappings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    conformity_take_mappings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MappingsFile"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MappingsTaken"];
                };
            };
        };
    };
    conformity_unmap_word: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WordAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    conformity_preview_mapping: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MappingAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PreviewShown"];
                };
            };
        };
    };
    conformity_list_unknown_words: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnknownWordShown"][];
                };
            };
        };
    };
    custody_verify_chain: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VerifiedShown"];
                };
            };
        };
    };
    custody_list_containers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContainerShown"][];
                };
            };
        };
    };
    custody_add_container: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContainerAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContainerDetail"];
                };
            };
        };
    };
    custody_show_container: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                container_code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContainerDetail"];
                };
            };
        };
    };
    custody_show_container_code: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                container_code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    custody_put_in: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                container_code: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutInAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustodyEventShown"];
                };
            };
        };
    };
    custody_take_out: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                container_code: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeOutAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustodyEventShown"];
                };
            };
        };
    };
    custody_list_discards: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DiscardShown"][];
                };
            };
        };
    };
    custody_propose_discard: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DiscardProposal"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DiscardShown"];
                };
            };
        };
    };
    custody_confirm_discard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                discard_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DiscardShown"];
                };
            };
        };
    };
    custody_withdraw_discard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                discard_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DiscardShown"];
                };
            };
        };
    };
    custody_correct_event: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScanCorrection"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustodyEventShown"];
                };
            };
        };
    };
    custody_find_piece: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FindAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustodyEventShown"];
                };
            };
        };
    };
    custody_list_gaps: {
        parameters: {
            query?: {
                hours?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingShown"][];
                };
            };
        };
    };
    custody_list_loans: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoanShown"][];
                };
            };
        };
    };
    custody_lend_piece: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoanAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoanShown"];
                };
            };
        };
    };
    custody_return_piece: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoanShown"];
                };
            };
        };
    };
    custody_list_lost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingShown"][];
                };
            };
        };
    };
    custody_tell_mishap: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MishapAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustodyEventShown"];
                };
            };
        };
    };
    custody_list_points: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PointShown"][];
                };
            };
        };
    };
    custody_add_point: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PointAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PointShown"];
                };
            };
        };
    };
    custody_change_point: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                point_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PointChange"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PointShown"];
                };
            };
        };
    };
    custody_list_scans: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                point_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustodyEventShown"][];
                };
            };
        };
    };
    custody_list_waiting: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                point_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingShown"][];
                };
            };
        };
    };
    custody_list_all_points: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PointShown"][];
                };
            };
        };
    };
    custody_scan_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CustodyScan"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScanAnswer"];
                };
            };
        };
    };
    custody_find_whereabouts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhereaboutsShown"];
                };
            };
        };
    };
    grossing_list_cassettes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CassetteShown"][];
                };
            };
        };
    };
    grossing_list_photographs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhotographShown"][];
                };
            };
        };
    };
    grossing_describe_contents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                material_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContentsStated"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CassetteShown"];
                };
            };
        };
    };
    grossing_add_photograph: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                material_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhotographShown"];
                };
            };
        };
    };
    grossing_show_photograph: {
        parameters: {
            query?: {
                small?: boolean;
            };
            header?: never;
            path: {
                photograph_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    grossing_set_scale: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                photograph_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScaleAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhotographShown"];
                };
            };
        };
    };
    grossing_withdraw_photograph: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                photograph_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WithdrawalAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhotographShown"];
                };
            };
        };
    };
    inference_list_offered_findings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunFindingsOffered"][];
                };
            };
        };
    };
    inference_reveal_findings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
                version_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunFindingsOffered"];
                };
            };
        };
    };
    inference_compare_versions: {
        parameters: {
            query: {
                first: string;
                second: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionsCompared"];
                };
            };
        };
    };
    inference_list_models_for_slide: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelOffered"][];
                };
            };
        };
    };
    inference_list_runs_of_slide: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunShown"][];
                };
            };
        };
    };
    inference_start_runs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelsAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunShown"][];
                };
            };
        };
    };
    inference_list_runs: {
        parameters: {
            query?: {
                model_id?: string | null;
                state?: components["schemas"]["RunState"] | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunShown"][];
                };
            };
        };
    };
    inference_cancel_run: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunShown"];
                };
            };
        };
    };
    inference_export_embeddings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    inference_list_engines: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EngineShown"][];
                };
            };
        };
    };
    inference_export_measurements: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    inference_export_patches: {
        parameters: {
            query?: {
                format?: components["schemas"]["RunForm"];
            };
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    inference_retry_run: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunShown"];
                };
            };
        };
    };
    inference_export_segmentation: {
        parameters: {
            query?: {
                form?: components["schemas"]["SegmentationForm"];
            };
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    interfaces_list_connections: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InterfacesShown"];
                };
            };
        };
    };
    interfaces_list_messages: {
        parameters: {
            query?: {
                before?: number | null;
                control_id?: string;
                direction?: components["schemas"]["Direction"] | null;
                limit?: number;
                partner?: string | null;
                state?: components["schemas"]["MessageState"] | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagePage"];
                };
            };
        };
    };
    interfaces_show_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageShown"];
                };
            };
        };
    };
    interfaces_correct_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessageCorrection"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageRow"];
                };
            };
        };
    };
    interfaces_discard_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DiscardAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageRow"];
                };
            };
        };
    };
    interfaces_replay_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageRow"];
                };
            };
        };
    };
    layers_list_layers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LayerShown"][];
                };
            };
        };
    };
    layers_show_layer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
                layer_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LayerManifest"];
                };
            };
        };
    };
    layers_export_layer_as_dicom: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
                layer_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    layers_export_layer: {
        parameters: {
            query?: {
                format?: "geojson" | "csv" | "parquet";
            };
            header?: never;
            path: {
                image_id: string;
                layer_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    layers_pick_cell: {
        parameters: {
            query: {
                reach_px?: number;
                x_px: number;
                y_px: number;
            };
            header?: never;
            path: {
                image_id: string;
                layer_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PickAnswer"];
                };
            };
        };
    };
    models_add_archive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelArchiveChecked"];
                };
            };
        };
    };
    models_list_encoders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EncoderShown"][];
                };
            };
        };
    };
    models_list_publishers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublisherShown"][];
                };
            };
        };
    };
    models_trust_publisher: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PublisherAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublisherShown"][];
                };
            };
        };
    };
    models_distrust_publisher: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PublisherEnded"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    models_list_versions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionRow"][];
                };
            };
        };
    };
    models_show_version: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionDetail"];
                };
            };
        };
    };
    models_export_chai: {
        parameters: {
            query?: {
                language?: components["schemas"]["hemalum__capabilities__models__routes__Language"];
            };
            header?: never;
            path: {
                version_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    models_print_facts: {
        parameters: {
            query?: {
                language?: components["schemas"]["hemalum__capabilities__models__routes__Language"];
            };
            header?: never;
            path: {
                version_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    models_show_fit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
                version_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FitShown"];
                };
            };
        };
    };
    models_accept_licence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionDetail"];
                };
            };
        };
    };
    models_export_monai: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    models_set_status: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["hemalum__capabilities__models__routes__StatusAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionDetail"];
                };
            };
        };
    };
    models_record_validation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrialAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionDetail"];
                };
            };
        };
    };
    orders_list_placed: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlacedShown"][];
                };
            };
        };
    };
    orders_list_case_work: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkOrderShown"][];
                };
            };
        };
    };
    orders_request_work: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkRequested"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkOrderShown"][];
                };
            };
        };
    };
    orders_count_work: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkCounts"];
                };
            };
        };
    };
    orders_list_panels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PanelsShown"];
                };
            };
        };
    };
    orders_move_placed: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                order_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlacedMoved"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlacedShown"];
                };
            };
        };
    };
    orders_list_work: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                state?: components["schemas"]["WorkState"][] | null;
                work?: components["schemas"]["Work"] | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkPage"];
                };
            };
        };
    };
    orders_move_work: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                order_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkMoved"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkOrderShown"];
                };
            };
        };
    };
    quality_list_plans: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanShown"][];
                };
            };
        };
    };
    quality_set_plan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlanDraft"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanShown"];
                };
            };
        };
    };
    quality_prove_day: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                day: string;
                plan_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProofShown"];
                };
            };
        };
    };
    quality_end_plan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                plan_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    quality_show_rates: {
        parameters: {
            query: {
                begin: string;
                by?: components["schemas"]["RateBy"];
                end: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RatesShown"];
                };
            };
        };
    };
    quality_export_rates: {
        parameters: {
            query: {
                begin: string;
                by?: components["schemas"]["RateBy"];
                end: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    quality_list_rereads: {
        parameters: {
            query?: {
                board?: components["schemas"]["Board"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BoardShown"];
                };
            };
        };
    };
    quality_show_reread: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reread_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RereadShown"];
                };
            };
        };
    };
    quality_answer_reread: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reread_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RereadAnswers"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RereadShown"];
                };
            };
        };
    };
    quality_begin_reread: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reread_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RereadShown"];
                };
            };
        };
    };
    quality_check_reread: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reread_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RereadAnswers"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RereadCheck"];
                };
            };
        };
    };
    quality_compare_reread: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reread_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ComparisonShown"];
                };
            };
        };
    };
    quality_decide_reread: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reread_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VerdictAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RereadShown"];
                };
            };
        };
    };
    quality_give_reread_back: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reread_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RereadShown"];
                };
            };
        };
    };
    quality_give_reread_up: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reread_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GivenUp"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RereadShown"];
                };
            };
        };
    };
    quality_hand_model_reading_in: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reread_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelAnswers"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    reading_show_coverage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CoverageShown"];
                };
            };
        };
    };
    reading_mark_seen: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MarksTold"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProgressShown"];
                };
            };
        };
    };
    reading_export_coverage: {
        parameters: {
            query?: {
                format?: "json" | "geojson" | "csv";
            };
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    reading_list_readers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reader"][];
                };
            };
        };
    };
    reading_export_reader: {
        parameters: {
            query?: {
                format?: "json" | "geojson" | "csv";
            };
            header?: never;
            path: {
                image_id: string;
                person_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    reading_list_reveals: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevealShown"][];
                };
            };
        };
    };
    reading_tell_reveal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RevealTold"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevealShown"];
                };
            };
        };
    };
    reading_list_progress: {
        parameters: {
            query: {
                image: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProgressShown"][];
                };
            };
        };
    };
    registration_list_transforms: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransformShown"][];
                };
            };
        };
    };
    registration_show_transform: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
                other_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransformFound"];
                };
            };
        };
    };
    registration_save_transform: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
                other_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TransformAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransformShown"];
                };
            };
        };
    };
    registration_remove_transform: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
                other_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    registration_read_displacements: {
        parameters: {
            query?: {
                transform?: string | null;
            };
            header?: never;
            path: {
                image_id: string;
                other_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    reports_show_report: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportShown"];
                };
            };
        };
    };
    reports_amend_report: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AmendmentAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportVersionShown"];
                };
            };
        };
    };
    reports_withdraw_amendment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AmendmentWithdrawal"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportVersionRow"];
                };
            };
        };
    };
    reports_check_report: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CheckAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportCheck"];
                };
            };
        };
    };
    reports_cosign_report: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignatureAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportCosignature"];
                };
            };
        };
    };
    reports_list_critical: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CriticalShown"][];
                };
            };
        };
    };
    reports_flag_critical: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CriticalAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CriticalShown"];
                };
            };
        };
    };
    reports_dictate: {
        parameters: {
            query?: {
                language?: components["schemas"]["hemalum__capabilities__reports__model__Language"];
            };
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DictatedText"];
                };
            };
        };
    };
    reports_compare_report_versions: {
        parameters: {
            query: {
                after: number;
                before: number;
            };
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportDifference"];
                };
            };
        };
    };
    reports_list_findings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FindingsShown"][];
                };
            };
        };
    };
    reports_hand_in_findings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FindingsAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FindingsShown"];
                };
            };
        };
    };
    reports_cancel_draft_wording: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
                submission_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FindingsShown"];
                };
            };
        };
    };
    reports_hand_over_report: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HandOverAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportVersionRow"];
                };
            };
        };
    };
    reports_sign_report: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignatureAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportVersionRow"];
                };
            };
        };
    };
    reports_write_report: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DraftAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportVersionShown"];
                };
            };
        };
    };
    reports_show_report_version: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportVersionShown"];
                };
            };
        };
    };
    reports_print_report: {
        parameters: {
            query?: {
                language?: components["schemas"]["hemalum__capabilities__reports__model__Language"] | null;
            };
            header?: never;
            path: {
                case_id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    reports_list_open_critical: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CriticalShown"][];
                };
            };
        };
    };
    reports_acknowledge_critical: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                critical_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcknowledgementAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CriticalShown"];
                };
            };
        };
    };
    reports_call_critical: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                critical_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CallAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CriticalShown"];
                };
            };
        };
    };
    reports_show_dictation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DictationOffered"];
                };
            };
        };
    };
    reports_list_templates: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateRow"][];
                };
            };
        };
    };
    reports_show_template: {
        parameters: {
            query?: {
                digest?: string | null;
            };
            header?: never;
            path: {
                template_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateShown"];
                };
            };
        };
    };
    slides_list_glass: {
        parameters: {
            query?: {
                open?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Glass"][];
                };
            };
        };
    };
    slides_review_glass: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                glass_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReviewAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Glass"];
                };
            };
        };
    };
    slides_list_images: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: "newest" | "oldest" | "name" | "size";
                status?: components["schemas"]["ImageStatus"] | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LibraryPage"];
                };
            };
        };
    };
    slides_show_image: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageDetail"];
                };
            };
        };
    };
    slides_cancel_image: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    slides_show_histogram: {
        parameters: {
            query?: {
                plane?: number;
            };
            header?: never;
            path: {
                channel: number;
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelHistogram"];
                };
            };
        };
    };
    slides_show_clinical: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Clinical"];
                };
            };
        };
    };
    slides_break_glass: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GlassAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Glass"];
                };
            };
        };
    };
    slides_show_label: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    slides_set_look: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LookAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SlideLook"];
                };
            };
        };
    };
    slides_forget_look: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    slides_show_macro: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    slides_describe_image: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageDetail"];
                };
            };
        };
    };
    slides_open_image: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpeningAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpeningMade"];
                };
            };
        };
    };
    slides_send_original: {
        parameters: {
            query?: {
                number?: number;
            };
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    slides_show_region: {
        parameters: {
            query: {
                channel?: number | null;
                format?: "png" | "jpeg";
                height_um: number;
                icc?: "none" | "srgb";
                plane?: number;
                spacing_um: number;
                width_um: number;
                x_um: number;
                y_um: number;
            };
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    slides_retry_image: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    slides_list_shares: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Share"][];
                };
            };
        };
    };
    slides_share: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ShareAsked"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Share"];
                };
            };
        };
    };
    slides_end_share: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
                organisation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    slides_show_terms: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Terms"];
                };
            };
        };
    };
    slides_set_terms: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Terms"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Terms"];
                };
            };
        };
    };
    slides_show_thumbnail: {
        parameters: {
            query?: {
                width?: number;
            };
            header?: never;
            path: {
                image_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    slides_show_integrity: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Integrity"];
                };
            };
        };
    };
    slides_check_integrity: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegrityRound"];
                };
            };
        };
    };
    slides_list_partners: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Partner"][];
                };
            };
        };
    };
    slides_list_purposes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Purpose"][];
                };
            };
        };
    };
    slides_read_revision: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Revision"];
                };
            };
        };
    };
    uploads_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    options_api_slides_uploads: {
        parameters: {
            query?: {
                upload_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    uploads_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadAnswer"];
                };
            };
        };
    };
    uploads_terminate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    options_api_slides_uploads_upload_id_: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    uploads_show_offset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    uploads_append: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    triage_show_triage_of_case: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseTriage"];
                };
            };
        };
    };
    triage_list_first_looks: {
        parameters: {
            query: {
                begin: string;
                end: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FirstLook"][];
                };
            };
        };
    };
    triage_list_points: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriagePoint"][];
                };
            };
        };
    };
    triage_set_point: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PointSet"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriagePoint"];
                };
            };
        };
    };
    triage_end_point: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                point_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PointEnded"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriagePoint"];
                };
            };
        };
    };
    triage_fit_point: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PointFit"];
            };
        };
        responses: {
            /** @description Client Error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["hemalum__runtime__http__Problem"];
                    "application/problem+json": unknown;
                };
            };
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriagePoint"];
                };
            };
        };
    };
}
