/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading where a map comes from: attributes of its provenance, and data releases. */
#include "map_read.h"

#include <stdlib.h>
#include <string.h>

static sevens_status read_provenance(sevens_map_reader *r, hid_t group)
{
    sevens_map_content *map = r->map;
    H5O_info_t info;
    if (H5Oget_info2(group, &info, H5O_INFO_NUM_ATTRS) < 0 ||
        info.num_attrs > SEVENS_MAP_MAX_LABELS)
        return sevens_map_damaged(r, "its provenance cannot be read");
    map->provenance_key = calloc((size_t)info.num_attrs + 1, sizeof(char *));
    map->provenance_value = calloc((size_t)info.num_attrs + 1, sizeof(char *));
    if (map->provenance_key == NULL || map->provenance_value == NULL)
        return sevens_map_no_memory(r);
    for (hsize_t i = 0; i < info.num_attrs; i++) {
        char name[SEVENS_MAP_MAX_NAME] = "";
        if (H5Aget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, sizeof name,
                               H5P_DEFAULT) <= 0)
            return sevens_map_damaged(r, "its provenance cannot be read");
        char *value = sevens_h5_get_any(group, name);
        if (value == NULL)
            continue; /* an attribute of a kind that is not ours */
        map->provenance_key[map->n_provenance] = strdup(name);
        map->provenance_value[map->n_provenance] = value;
        if (map->provenance_key[map->n_provenance++] == NULL)
            return sevens_map_no_memory(r);
    }
    return SEVENS_OK;
}

static sevens_status read_releases(sevens_map_reader *r, hid_t parent)
{
    sevens_map_content *map = r->map;
    H5G_info_t info;
    if (parent < 0 || H5Gget_info(parent, &info) < 0 || info.nlinks > SEVENS_MAP_MAX_LABELS)
        return sevens_map_damaged(r, "its data releases cannot be read");
    char ***lists[] = {&map->release_name, &map->release_doi, &map->release_sha256,
                       &map->release_citation};
    for (size_t l = 0; l < 4; l++)
        if ((*lists[l] = calloc((size_t)info.nlinks + 1, sizeof(char *))) == NULL)
            return sevens_map_no_memory(r);
    for (size_t i = 0; i < info.nlinks; i++) {
        char name[SEVENS_MAP_MAX_NAME] = "";
        H5Lget_name_by_idx(parent, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, sizeof name,
                           H5P_DEFAULT);
        hid_t group = name[0] ? H5Gopen2(parent, name, H5P_DEFAULT) : -1;
        if (group < 0)
            return sevens_map_damaged(r, "its data releases cannot be read");
        map->n_release = i + 1;
        map->release_name[i] = strdup(name);
        map->release_doi[i] = sevens_map_text_or_empty(group, "doi");
        map->release_sha256[i] = sevens_map_text_or_empty(group, "sha256");
        map->release_citation[i] = sevens_map_text_or_empty(group, "citation");
        H5Gclose(group);
        for (size_t l = 0; l < 4; l++)
            if ((*lists[l])[i] == NULL)
                return sevens_map_no_memory(r);
    }
    return SEVENS_OK;
}

sevens_status sevens_map_read_origin(sevens_map_reader *r)
{
    hid_t group = H5Gopen2(r->file, "provenance", H5P_DEFAULT);
    if (group < 0)
        return sevens_map_damaged(r, "its provenance cannot be read");
    sevens_status status = read_provenance(r, group);
    if (status == SEVENS_OK) {
        hid_t releases = H5Gopen2(group, "data_release", H5P_DEFAULT);
        status = read_releases(r, releases);
        if (releases >= 0)
            H5Gclose(releases);
    }
    H5Gclose(group);
    return status;
}
