// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Sealock.Api.Objects;
using Sealock.Api.Security;

namespace Sealock.Gateway.Authentication;

/// <summary>
/// <c>Impersonate-*</c> headers: a user who may <c>impersonate</c> each thing that is asked for becomes another one for
/// this request (k8s.io/apiserver's impersonation filter).
/// </summary>
internal static class Impersonation
{
    private const string Prefix = "Impersonate-";
    private const string UserHeader = "Impersonate-User";
    private const string GroupHeader = "Impersonate-Group";
    private const string UidHeader = "Impersonate-Uid";
    private const string ExtraPrefix = "Impersonate-Extra-";
    private const string AuthenticationGroup = "authentication.k8s.io";
    private const string ServiceAccountPrefix = "system:serviceaccount:";

    /// <summary>The user to act as: the requestor where nothing is asked for. The headers are removed.</summary>
    /// <exception cref="ApiException">
    /// 403: one of the things may not be impersonated; 400: no user is named.
    /// </exception>
    public static UserInfo Apply(IHeaderDictionary headers, UserInfo requestor, IAuthorizer authorizer)
    {
        List<string>? present = null;
        foreach (var header in headers)
        {
            if (header.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                (present ??= []).Add(header.Key);
        }

        if (present is null)
            return requestor;
        var user = Impersonate(headers, present, requestor, authorizer);
        foreach (var name in present)
            headers.Remove(name);
        return user;
    }

    private static UserInfo Impersonate(
        IHeaderDictionary headers, List<string> present, UserInfo requestor, IAuthorizer authorizer)
    {
        void Demand(AccessQuestion question) => AccessDenied.Unless(authorizer, question);
        AccessQuestion About(string group, string resource, string name) => new()
        {
            User = requestor,
            Verb = "impersonate",
            IsResource = true,
            Group = group,
            Version = group.Length == 0 ? "" : "v1",
            Resource = resource,
            Name = name,
        };

        var name = headers[UserHeader] is [{ } first, ..] ? first : "";
        var named = name.Length > 0;
        var groupsGiven = headers[GroupHeader];
        var uid = headers[UidHeader] is [{ } firstUid, ..] ? firstUid : "";
        var extraNames = present
            .Where(header => header.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase)).ToList();
        if (!named)
        {
            if (groupsGiven.Count > 0 || uid.Length > 0 || extraNames.Count > 0)
                throw ApiException.BadRequest("requested groups, uid or extra attributes without impersonating a user");
            return requestor;
        }

        var groups = ImmutableArray.CreateBuilder<string>();
        if (TrySplitServiceAccount(name, out var accountNamespace, out var accountName))
        {
            Demand(About("", "serviceaccounts", accountName) with { Namespace = accountNamespace });
            if (groupsGiven.Count == 0)
                groups.AddRange("system:serviceaccounts", $"system:serviceaccounts:{accountNamespace}");
        }
        else
        {
            Demand(About("", "users", name));
        }

        foreach (var group in groupsGiven)
        {
            Demand(About("", "groups", group ?? ""));
            groups.Add(group ?? "");
        }

        var extra = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        foreach (var header in extraNames)
        {
            var key = UnescapeKey(header[ExtraPrefix.Length..].ToLowerInvariant());
            foreach (var value in headers[header])
            {
                Demand(About(AuthenticationGroup, "userextras", value ?? "") with { Subresource = key });
                extra[key] = extra.GetValueOrDefault(key, []).Add(value ?? "");
            }
        }

        if (uid.Length > 0)
            Demand(About(AuthenticationGroup, "uids", uid));
        AddImpliedGroup(groups, anonymous: name == UserInfo.Anonymous.Name);
        return new UserInfo { Name = name, Uid = uid, Groups = groups.ToImmutable(), Extra = extra.ToImmutable() };
    }

    private static void AddImpliedGroup(ImmutableArray<string>.Builder groups, bool anonymous)
    {
        if (anonymous)
        {
            if (!groups.Contains(WellKnownGroups.Unauthenticated))
                groups.Add(WellKnownGroups.Unauthenticated);
        }
        else if (!groups.Contains(WellKnownGroups.Authenticated) && !groups.Contains(WellKnownGroups.Unauthenticated))
        {
            groups.Add(WellKnownGroups.Authenticated);
        }
    }

    private static bool TrySplitServiceAccount(string user, out string @namespace, out string name)
    {
        (@namespace, name) = ("", "");
        if (!user.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal))
            return false;
        var parts = user[ServiceAccountPrefix.Length..].Split(':');
        if (parts.Length != 2 || !IsDnsLabel(parts[0]) || !IsDnsSubdomain(parts[1]))
            return false;
        (@namespace, name) = (parts[0], parts[1]);
        return true;
    }

    private static bool IsDnsSubdomain(string text) => text.Length <= 253 && text.Split('.').All(IsDnsLabelOfAnyLength);

    private static bool IsDnsLabel(string text) => text.Length <= 63 && IsDnsLabelOfAnyLength(text);

    private static bool IsDnsLabelOfAnyLength(string text) =>
        text.Length > 0 && text[0] != '-' && text[^1] != '-' &&
        text.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');

    /// <summary>
    /// Header names cannot hold every key, so keys come percent-encoded; what is malformed is taken as it is.
    /// </summary>
    private static string UnescapeKey(string key)
    {
        for (var i = key.IndexOf('%', StringComparison.Ordinal); i >= 0; i = key.IndexOf('%', i + 1))
        {
            if (i + 2 >= key.Length || !char.IsAsciiHexDigit(key[i + 1]) || !char.IsAsciiHexDigit(key[i + 2]))
                return key;
        }

        return Uri.UnescapeDataString(key);
    }
}
