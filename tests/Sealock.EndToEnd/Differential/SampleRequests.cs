// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Differential;

/// <summary>Certificate requests made by openssl, base64 of their PEM, the same for both servers.</summary>
internal static class SampleRequests
{
    private static readonly Lazy<Task<string>> Client = new(() => MakeAsync("/CN=jane/O=developers"));
    private static readonly Lazy<Task<string>> Kubelet = new(() => MakeAsync("/O=system:nodes/CN=system:node:one"));
    private static readonly Lazy<Task<string>> Masters = new(() => MakeAsync("/O=system:masters/CN=root"));

    public static Task<string> ClientAsync() => Client.Value;

    public static Task<string> KubeletAsync() => Kubelet.Value;

    public static Task<string> MastersAsync() => Masters.Value;

    private static async Task<string> MakeAsync(string subject) => (await Tool.ShellAsync(
        $"openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj '{subject}' 2>/dev/null | base64 -w0"))
        .Succeeded();
}
