// SPDX-License-Identifier: Apache-2.0
using Microsoft.AspNetCore.Http;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Gateway.Authentication;

namespace Sealock.Tests.Gateway;

public class ImpersonationTests
{
    private static readonly UserInfo Admin = new() { Name = "admin" };

    /// <summary>
    /// Headers as <c>Name: value</c> lines; what they make of the user; what the authorizer is asked.
    /// </summary>
    public static TheoryData<string, string, string> Cases => new()
    {
        { "X-Other: 1", "admin||", "" },
        { "Impersonate-User: jane", "jane||system:authenticated", "users jane" },
        { "impersonate-user: jane\nX-Remote-User: root", "jane||system:authenticated", "users jane" },
        {
            "Impersonate-User: jane\nImpersonate-Group: devs\nImpersonate-Group: ops",
            "jane||devs,ops,system:authenticated", "users jane;groups devs;groups ops"
        },
        {
            "Impersonate-User: jane\nImpersonate-Group: system:unauthenticated",
            "jane||system:unauthenticated", "users jane;groups system:unauthenticated"
        },
        {
            "Impersonate-User: jane\nImpersonate-Group: system:authenticated",
            "jane||system:authenticated", "users jane;groups system:authenticated"
        },
        {
            "Impersonate-User: system:anonymous", "system:anonymous||system:unauthenticated",
            "users system:anonymous"
        },
        {
            "Impersonate-User: system:anonymous\nImpersonate-Group: a",
            "system:anonymous||a,system:unauthenticated", "users system:anonymous;groups a"
        },
        {
            "Impersonate-User: system:serviceaccount:default:builder",
            "system:serviceaccount:default:builder||system:serviceaccounts,system:serviceaccounts:default," +
                "system:authenticated",
            "serviceaccounts builder in default"
        },
        {
            "Impersonate-User: system:serviceaccount:default:builder\nImpersonate-Group: a",
            "system:serviceaccount:default:builder||a,system:authenticated",
            "serviceaccounts builder in default;groups a"
        },
        {
            "Impersonate-User: system:serviceaccount:Default:builder",
            "system:serviceaccount:Default:builder||system:authenticated",
            "users system:serviceaccount:Default:builder"
        },
        {
            "Impersonate-User: system:serviceaccount:a:b:c", "system:serviceaccount:a:b:c||system:authenticated",
            "users system:serviceaccount:a:b:c"
        },
        {
            "Impersonate-User: jane\nImpersonate-Uid: 42", "jane|42|system:authenticated",
            "users jane;authentication.k8s.io/uids 42"
        },
        {
            "Impersonate-User: jane\nImpersonate-Extra-Scopes: view\nImpersonate-Extra-Scopes: edit" +
                "\nImpersonate-Extra-Acme.com%2Fproject: x",
            "jane||system:authenticated|acme.com/project=x|scopes=view,edit",
            "users jane;authentication.k8s.io/userextras/scopes view;" +
                "authentication.k8s.io/userextras/scopes edit;authentication.k8s.io/userextras/acme.com/project x"
        },
        {
            "Impersonate-User: jane\nImpersonate-Extra-a%zz: x", "jane||system:authenticated|a%zz=x",
            "users jane;authentication.k8s.io/userextras/a%zz x"
        },
        { "Impersonate-Group: devs", "400", "" },
        { "Impersonate-Uid: 42", "400", "" },
        { "Impersonate-Extra-Scopes: view", "400", "" },
        { "Impersonate-User: \nImpersonate-Group: devs", "400", "" },
        { "Impersonate-User: forbidden", "403", "users forbidden" },
        { "Impersonate-User: jane\nImpersonate-Group: forbidden", "403", "users jane;groups forbidden" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_thing_is_asked_for_and_becomes_the_user(string headers, string expected, string asked)
    {
        var dictionary = new HeaderDictionary();
        foreach (var line in headers.Split('\n'))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            dictionary.Append(line[..colon], line[(colon + 2)..]);
        }

        var authorizer = new Recorder();
        string actual;
        try
        {
            var user = Impersonation.Apply(dictionary, Admin, authorizer);
            actual = $"{user.Name}|{user.Uid}|{string.Join(',', user.Groups)}" + string.Concat(user.Extra
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => $"|{pair.Key}={string.Join(',', pair.Value)}"));
            Assert.DoesNotContain(
                dictionary.Keys, key => key.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase));
        }
        catch (ApiException error)
        {
            actual = $"{error.Code}";
        }

        Assert.Equal(expected, actual);
        Assert.Equal(asked, string.Join(';', authorizer.Asked));
    }

    [Fact]
    public void A_refusal_has_kube_apiservers_words()
    {
        var headers = new HeaderDictionary { ["Impersonate-User"] = "jane" };
        var error = Assert.Throws<ApiException>(
            () => Impersonation.Apply(headers, UserInfo.Anonymous, new MastersOnly()));
        Assert.Equal(
            "users \"jane\" is forbidden: User \"system:anonymous\" cannot impersonate resource \"users\" " +
            "in API group \"\" at the cluster scope",
            error.Message);
    }

    private sealed class Recorder : IAuthorizer
    {
        public List<string> Asked { get; } = [];

        public AccessDecision Authorize(in AccessQuestion question)
        {
            Assert.Equal("impersonate", question.Verb);
            Assert.Equal("admin", question.User.Name);
            Asked.Add(
                (question.Group.Length == 0 ? "" : question.Group + "/") + question.Resource +
                (question.Subresource.Length == 0 ? "" : "/" + question.Subresource) + " " + question.Name +
                (question.Namespace.Length == 0 ? "" : " in " + question.Namespace));
            return new AccessDecision(question.Name != "forbidden", "");
        }

        public AccessRules RulesFor(UserInfo user, string @namespace) => new([], [], "");
    }
}
