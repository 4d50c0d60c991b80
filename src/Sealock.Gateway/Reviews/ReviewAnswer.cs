// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Reviews;

/// <summary>Answers of kinds that are not stored: what was sent, with a status.</summary>
internal static class ReviewAnswer
{
    public static JsonObject With(ObjectOperation operation, JsonObject status)
    {
        var answer = operation.Object.DeepClone().AsObject();
        answer["status"] = status;
        return answer;
    }

    /// <summary>authentication.k8s.io/v1 UserInfo; empty fields are left out.</summary>
    public static JsonObject User(UserInfo user)
    {
        var json = new JsonObject { ["username"] = user.Name };
        if (user.Uid.Length > 0)
            json["uid"] = user.Uid;
        if (user.Groups.Length > 0)
            json["groups"] = JsonFields.Array(user.Groups);
        if (!user.Extra.IsEmpty)
        {
            json["extra"] = new JsonObject(user.Extra.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonFields.Array(pair.Value))));
        }

        return json;
    }
}
