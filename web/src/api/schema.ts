/* Generated from the server's OpenAPI description by web/scripts/generate-types.mjs. */

export interface paths {
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
         *     Who may not see the label gets no original that holds one.
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
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
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
         * Finding
         * @description What a person should look at in the metadata.
         */
        Finding: {
            code: components["schemas"]["FindingCode"] | null;
            /** Element */
            element: string;
            /** Message */
            message: string;
            problem: components["schemas"]["hemalum__capabilities__slides__model__Problem"];
            /** Values */
            values: {
                [key: string]: number | string;
            };
        };
        /**
         * FindingCode
         * @description The rules by which metadata is looked at; each can be said in every language of the web app.
         * @enum {string}
         */
        FindingCode: "no-scale" | "scale-unverified" | "not-stated" | "objective-range" | "scale-range" | "scale-not-square" | "scale-and-objective" | "longer-than-a-slide" | "not-a-time" | "time-in-the-future" | "time-too-old" | "scale-against-the-file" | "objective-against-the-file";
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
         * Problem
         * @description What is wrong with an element of the metadata.
         * @enum {string}
         */
        hemalum__capabilities__slides__model__Problem: "missing" | "contradictory" | "implausible" | "unverified";
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
            /** Title */
            title: string;
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
         * LibraryPage
         * @description A part of the library.
         */
        LibraryPage: {
            /** Items */
            items: components["schemas"]["ImageSummary"][];
            /** Offset */
            offset: number;
            /** Revision */
            revision: number;
            /** Total */
            total: number;
        };
        /**
         * Me
         * @description Who is signed in.
         */
        Me: {
            /** Demo */
            demo: boolean;
            /** Name */
            name: string;
            /** Organisation Id */
            organisation_id: string;
            /** Organisation Name */
            organisation_name: string;
            /** Permissions */
            permissions: string[];
            /** Person Id */
            person_id: string;
        };
        /**
         * ObjectKind
         * @description Where the bytes of an object lie, and whose they are.
         * @enum {string}
         */
        ObjectKind: "linked" | "stored" | "derived";
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
            /** Image Id */
            image_id: string;
            /** Levels */
            levels: components["schemas"]["ShownLevel"][];
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
            scale_trust: components["schemas"]["ScaleTrust"];
            spacing_um: components["schemas"]["Spacing"] | null;
            /** Ticket */
            ticket: string;
            /** Tile Url */
            tile_url: string;
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
         * Purpose
         * @description Why somebody looks at a slide.
         * @enum {string}
         */
        Purpose: "care" | "quality" | "research" | "trial" | "teaching" | "support";
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
         * ScaleTrust
         * @description How far the um/px of a file may be believed.
         * @enum {string}
         */
        ScaleTrust: "stored" | "unverified" | "missing";
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
            /** Tile Height Px */
            tile_height_px: number;
            /** Tile Width Px */
            tile_width_px: number;
            /** Width Px */
            width_px: number;
        };
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
         * Verdict
         * @description What a reviewer found of a broken glass.
         * @enum {string}
         */
        Verdict: "justified" | "not_justified";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
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
}
