// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Security;

namespace Sealock.Controllers.Definitions;

/// <summary>
/// Who made a request for a certificate: <c>spec.username</c>, <c>uid</c>, <c>groups</c> and <c>extra</c> are whom the
/// server authenticated, whatever the client wrote there.
/// </summary>
internal static class RequesterIdentity
{
    private static readonly string[] Fields = ["username", "uid", "groups", "extra"];

    public static void Set(ObjectOperation operation)
    {
        var spec = operation.Object.Map("spec");
        if (spec is null)
            operation.Object["spec"] = spec = [];
        foreach (var name in Fields)
            spec.Remove(name);
        var user = operation.User;
        if (user.Name.Length > 0)
            spec["username"] = user.Name;
        if (user.Uid.Length > 0)
            spec["uid"] = user.Uid;
        if (user.Groups.Length > 0)
            spec["groups"] = Strings(user.Groups);
        if (user.Extra.Count > 0)
            spec["extra"] = Extra(user);
    }

    private static JsonObject Extra(UserInfo user)
    {
        var extra = new JsonObject();
        foreach (var (key, values) in user.Extra.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            extra[key] = Strings(values);
        return extra;
    }

    private static JsonArray Strings(IEnumerable<string> values) => [.. values.Select(value => (JsonNode)value)];
}
