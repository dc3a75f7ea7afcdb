/* Whose a difference is where specs are held against those of before a change (plan --base). */
#ifndef MODEL_CAUSE_H
#define MODEL_CAUSE_H

enum cause {
    CAUSE_NOT_ASKED,
    CAUSE_CHANGE, /* it would not be there without the change */
    CAUSE_BEFORE  /* it would: the world differs from what was declared already */
};

#endif
