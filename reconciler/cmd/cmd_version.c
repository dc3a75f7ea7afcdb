/* The program, the formats that it reads and writes, and what it was built with. */
#include "cmd/cmd.h"
#include "codec/digest.h"
#include "codec/doc.h"
#include "codec/json.h"
#include "loop/loop.h"

static const char SPEC_LANGUAGE[] = "hvgpu/v1";

struct library {
    const char *name;
    const char *(*version)(void);
};
static const struct library libraries[] = {{"libyaml", doc_library},
                                           {"libsodium", digest_library},
                                           {"sqlite", store_library},
                                           {"libuv", loop_library}};
enum { LIBRARIES = sizeof libraries / sizeof *libraries };

static const char *as_text(struct arena *a)
{
    struct text t;

    text_init(&t, a);
    text_printf(&t,
                "hvgpu %s\nspecs and worlds %s; plan format %d, ledger format %d, history "
                "format %d\nconnects to: simulated worlds\nlibraries:",
                HVGPU_VERSION, SPEC_LANGUAGE, PLAN_FORMAT, store_format(), history_format());
    for (size_t i = 0; i < LIBRARIES; i++)
        text_printf(&t, "%s %s %s", i ? "," : "", libraries[i].name, libraries[i].version());
    text_add(&t, "\n");
    return text_done(&t);
}

static const char *as_json(struct arena *a)
{
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    json_map(&j);
    json_put_text(&j, "apiVersion", "hvgpu/v1");
    json_put_text(&j, "kind", "Version");
    json_put_text(&j, "program", "hvgpu");
    json_put_text(&j, "version", HVGPU_VERSION);
    json_key(&j, "formats");
    json_map(&j);
    json_put_text(&j, "spec", SPEC_LANGUAGE);
    json_put_text(&j, "world", SPEC_LANGUAGE);
    json_put_int(&j, "plan", PLAN_FORMAT);
    json_put_int(&j, "ledger", store_format());
    json_put_int(&j, "history", history_format());
    json_map_end(&j);
    json_key(&j, "connects");
    json_list(&j);
    json_text(&j, "sim");
    json_list_end(&j);
    json_key(&j, "libraries");
    json_map(&j);
    for (size_t i = 0; i < LIBRARIES; i++)
        json_put_text(&j, libraries[i].name, libraries[i].version());
    json_map_end(&j);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}

static enum exit_code run(struct call *call)
{
    cmd_print(call->options.output == FORMAT_JSON ? as_json(call->arena) : as_text(call->arena));
    return EXIT_IN_SYNC;
}

static const enum option_id options[] = {OPT_OUTPUT, OPT_END};

const struct cmd cmd_version = {
    .name = "version",
    .usage = "[OPTIONS]",
    .line = "version of the program, of its formats and of what it is built with",
    .options = options,
    .run = run,
};
