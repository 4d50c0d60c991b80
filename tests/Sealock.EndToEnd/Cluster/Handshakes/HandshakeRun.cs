// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Cluster.Handshakes;

/// <summary>What <c>sealock handshake -o json</c> said.</summary>
internal sealed record HandshakeRun(int ExitCode, JsonObject Report)
{
    public string? Failure => (string?)Report["failure"]?["reason"];

    public int? FailedStep => (int?)Report["failure"]?["step"];

    public string? Remedy => (string?)Report["failure"]?["remedy"];

    /// <summary>
    /// Runs the program in a folder, by the address of this machine (on ::1 somebody else may have the port) and the name
    /// localhost, where the arguments do not give another.
    /// </summary>
    public static async Task<HandshakeRun> OfAsync(
        string folder, int port, string arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        if (!arguments.Contains("--servername", StringComparison.Ordinal))
            arguments += " --servername localhost";
        var result = await Tool.RunAsync(
            SealockProcess.Program,
            ["handshake", $"127.0.0.1:{port}", "-o", "json", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)], folder: folder,
            environment: environment);
        Assert.True(result.Errors.Length == 0, result.Errors);
        var report = JsonNode.Parse(result.Output)!.AsObject();
        Assert.Equal((bool)report["succeeded"]! ? 0 : 1, result.ExitCode);
        return new(result.ExitCode, report);
    }

    /// <summary>The outcome and the words of one judgement.</summary>
    public (string Outcome, string Text) Verdict(string subject)
    {
        var judgement = Report["verdict"]!.AsArray().Single(one => (string?)one!["subject"] == subject)!;
        return ((string)judgement["outcome"]!, (string)judgement["text"]!);
    }

    /// <summary>The values of a detail, of the first event that has it.</summary>
    public (string Source, IReadOnlyList<string> Values) Detail(string text, string name)
    {
        var told = Report["events"]!.AsArray().First(one => (string?)one!["text"] == text && one["details"]![name] is not null)!;
        return ((string)told["source"]!, [.. told["details"]![name]!.AsArray().Select(value => (string)value!)]);
    }

    /// <summary>True where something was told, from that source.</summary>
    public bool Tells(string source, string text) => Report["events"]!.AsArray().Any(one =>
        (string)one!["source"]! == source && ((string)one["text"]!).Contains(text, StringComparison.Ordinal));
}
