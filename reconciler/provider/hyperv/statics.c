/* What changes only with a boot or a driver: read once per connection with a node (decision 052).
 */
#include "provider/hyperv/inner.h"

#include <stdlib.h>

struct hv_static {
    char *node; /* NULL: this machine */
    struct hv_static *next;
};

static void free_static(struct hv_static *s)
{
    free(s->node);
    free(s);
}

void hv_forget(struct hyperv *h, const char *node)
{
    struct hv_static **at = &h->statics, *gone;

    host_mutex_lock(h->mutex);
    while (*at && !str_same((*at)->node, node))
        at = &(*at)->next;
    gone = *at;
    if (gone)
        *at = gone->next;
    host_mutex_unlock(h->mutex);
    if (gone)
        free_static(gone);
}

void hv_statics_free(struct hv_static *statics)
{
    for (struct hv_static *next; statics; statics = next) {
        next = statics->next;
        free_static(statics);
    }
}
