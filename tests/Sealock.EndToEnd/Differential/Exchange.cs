// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Differential;

/// <summary>One request of a case file, with <c>{placeholders}</c> still in it.</summary>
/// <param name="Name">What it shows; unique in its file.</param>
/// <param name="Method">HTTP method, or <c>WATCH</c>: a GET whose answer is a stream of events.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">Headers to send; <c>Save</c>, <c>Events</c> and <c>Until</c> speak to the runner instead.</param>
/// <param name="Body">The body, or empty.</param>
internal sealed record Exchange(
    string Name, string Method, string Path, IReadOnlyList<KeyValuePair<string, string>> Headers, string Body)
{
    public string? Header(string name) => Headers.FirstOrDefault(header => header.Key == name).Value;

    /// <summary>
    /// Reads a case file. A case starts with <c>### name</c>, then the request line, headers, an empty line and the body.
    /// <c>Save: x=/metadata/uid</c> keeps a part of the answer as <c>{x}</c> for what follows; <c>Events: 3</c> reads so
    /// many events of a watch; <c>Until: /status/certificate</c> repeats a GET until the answer has that part.
    /// </summary>
    public static IEnumerable<Exchange> Read(string text)
    {
        foreach (var part in text.Split("\n### ").Select(part => part.StartsWith("### ", StringComparison.Ordinal) ? part[4..] : part))
        {
            var lines = part.Split('\n');
            if (part.StartsWith('#') || string.IsNullOrWhiteSpace(part))
                continue;
            var request = lines[1].Split(' ', 2);
            var end = Array.FindIndex(lines, 2, string.IsNullOrWhiteSpace);
            end = end < 0 ? lines.Length : end;
            var headers = lines[2..end].Select(line => line.Split(':', 2))
                .Select(pair => KeyValuePair.Create(pair[0].Trim(), pair[1].Trim())).ToList();
            yield return new Exchange(
                lines[0].Trim(), request[0], request[1].Trim(), headers, string.Join('\n', lines[Math.Min(end + 1, lines.Length)..]).Trim());
        }
    }
}
