# shellcheck shell=sh
# The pages that the tests of this folder look at, in $work, and their names in $pages.
# Sourced with the top of the tree as the working directory.
. tests/golden/lib.sh

# page NAME FOLDER: the plan of its spec.yaml
page() {
    rm -rf "$work/case" "$work/state"
    cp -R "$2" "$work/case"
    (cd "$work/case" && hvgpu plan -o html spec.yaml) >"$work/$1.html" 2>"$work/err" ||
        [ -s "$work/$1.html" ]
}

page edge-a2 examples/edge-a2
page blocked examples/blocked-capacity
page pool examples/seed-004-gpu-pool
page desktops tests/golden/estate-b-vdi
page moves tests/golden/move-for-count
page hostile tests/html/hostile
# drift, and a cluster as it is
rm -rf "$work/case"
cp -R examples/drift-meddled "$work/case"
(
    cd "$work/case"
    hvgpu apply --yes spec.yaml >/dev/null 2>&1
    cp meddled.yaml world.yaml
    hvgpu drift -o html spec.yaml >"$work/drift.html" || [ $? = 3 ]
)
hvgpu show -o html tests/html/hostile/world.yaml >"$work/snapshot.html"
# many clusters, two of them with the same plan, one that cannot be read
rm -rf "$work/case"
mkdir "$work/case"
for site in 1 2 3; do
    for f in spec world; do
        sed "s/de-ber-014/site-$site/; s/ber014-/s$site-/; s/world.yaml/world-$site.yaml/" \
            "examples/edge-a2/$f.yaml" >"$work/case/$f-$site.yaml"
    done
done
sed 's/partitions: 4/partitions: 2/' "$work/case/spec-3.yaml" >"$work/case/spec" &&
    mv "$work/case/spec" "$work/case/spec-3.yaml"
printf 'apiVersion: hvgpu/v1\nkind: Cluster\nspec: {}\n' >"$work/case/spec-4.yaml"
(cd "$work/case" && hvgpu plan -o html spec-?.yaml >"$work/many.html" 2>"$work/err") || [ $? = 65 ]
pages='edge-a2 blocked pool desktops moves hostile drift snapshot many'
