// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text;
using Sealock.Api.Serving;
using Sealock.Gateway.Pipeline;

namespace Sealock.Tests.Gateway;

public sealed class WarningHeaderTests
{
    // Over HTTP/1.1, Kestrel writes a question mark for what is not ASCII.
    [Theory]
    [InlineData("1.1", "?", "??", "??")]
    [InlineData("2.0", "é", "日本", "\ud83d\ude00")]
    public async Task A_warning_in_any_script_is_no_fault(string version, string accented, string kanji, string emoji)
    {
        await using var rig = await GatewayRig.StartAsync(
            options => options with
            {
                Api = (_, _) => ValueTask.FromResult<ApiResponse>(new BytesResponse("{}"u8.ToArray())
                {
                    Warnings = ["unknown field \"é\0\"", "日本 \\ \ud83d\ude00", .. Enumerable.Repeat(new string('x', 100_000), 50)],
                }),
            },
            "admin,root,1,system:masters\n");
        using var client = rig.Client(token: "admin", version: Version.Parse(version));
        using var response = await client.GetAsync("/api/v1/pods");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var warnings = response.Headers.GetValues("Warning")
            .Select(value => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(value))).ToList();
        Assert.Equal($"299 - \"unknown field \\\"{accented} \\\"\"", warnings[0]);
        Assert.Equal($"299 - \"{kanji} \\\\ {emoji}\"", warnings[1]);
        Assert.InRange(warnings.Sum(warning => warning.Length), 4000, 4500);
    }

    [Fact]
    public void Few_warnings_are_not_cut() =>
        Assert.Equal($"299 - \"{new string('x', 4000)}\"", Assert.Single(WarningHeader.Values([new string('x', 4000)])));
}
