// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Hosting.FrontDoor;
using Sealock.Pki.Inspection;

namespace Sealock.Commands.FrontDoor;

/// <summary><c>sealock token</c>: hands the token of a login to kubectl (client.authentication.k8s.io ExecCredential).</summary>
internal static class TokenCommand
{
    private const string Group = "client.authentication.k8s.io";
    private const string Request = "KUBERNETES_EXEC_INFO";

    private static readonly Option<string> Server = new("--server") { Description = "URL of the server", HelpName = "URL", Required = true };
    private static readonly Option<string> User = new("--username") { Description = "the user", HelpName = "NAME", Required = true };

    public static Command Create()
    {
        var command = new ExampleCommand(
            "token",
            "Print the token of a login for kubectl, as kubeconfigs of sealock login have it",
            "sealock token --server https://k8s.example.com:6443 --username admin")
        {
            Server, User,
        };
        command.SetAction(result =>
        {
            var login = KeptLogins.Own.Require(
                result.GetRequiredValue(Server).TrimEnd('/'), result.GetRequiredValue(User), TimeProvider.System.GetUtcNow());
            result.InvocationConfiguration.Output.WriteLine(new JsonObject
            {
                ["apiVersion"] = Version(Environment.GetEnvironmentVariable(Request)),
                ["kind"] = "ExecCredential",
                ["status"] = new JsonObject
                {
                    ["token"] = login.Token,
                    ["expirationTimestamp"] = ValidityText.Rfc3339(login.Expires),
                },
            }.ToJsonString());
            return 0;
        });
        return command;
    }

    /// <summary>This program as others find it: by its name where it is on the path, else by where it is.</summary>
    public static string Program()
    {
        var here = Environment.ProcessPath ?? "sealock";
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "sealock")).FirstOrDefault(File.Exists);
        return found is not null && Same(found, here) ? "sealock" : here;
    }

    /// <summary>The version in which the caller speaks.</summary>
    internal static string Version(string? request)
    {
        try
        {
            if (request is not null && JsonNode.Parse(request)?["apiVersion"]?.GetValue<string>() is { } version
                && version.StartsWith(Group + "/", StringComparison.Ordinal))
                return version;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // An odd caller gets the usual version.
        }

        return Group + "/v1";
    }

    private static bool Same(string one, string other) => Target(one) == Target(other);

    private static string Target(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
}
