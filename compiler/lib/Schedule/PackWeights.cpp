// Parameter and weight words of a layer, as WLOAD brings them into the weight buffer.

#include "agc/isa/parameter.h"
#include "agcc/Schedule/BuildOvl.h"

namespace agc::schedule {

namespace {

class Packer {
 public:
  Packer(const Layer &layer, qnn::FusedConvOp op)
      : layer_(layer), op_(op), weights_(op.weightValues()), channels_(op.outChannels()), inputs_(op.groupInChannels()) {}

  std::vector<int8_t> run(const std::vector<WeightChunk> &chunks) {
    for (const WeightChunk &chunk : chunks) {
      for (int64_t block = chunk.firstBlock; block < chunk.firstBlock + chunk.blocks; ++block) {
        convolution(block, chunk);
        if (layer_.fold > 1) takeApart();
      }
    }
    return std::move(bytes_);
  }

 private:
  int8_t *newWord() {
    bytes_.resize(bytes_.size() + 64, 0);
    return bytes_.data() + bytes_.size() - 64;
  }

  static void put(int8_t *word, int64_t lane, const isa::Parameter &parameter) {
    const uint64_t value = parameter.pack();
    for (int byte = 0; byte < 8; ++byte) word[lane * 8 + byte] = int8_t(value >> (8 * byte) & 0xff);
  }

  /// Output channel and folded row of a lane; channel -1 where the lane has none.
  std::pair<int64_t, int64_t> meaning(int64_t block, int64_t lane) const {
    if (layer_.fold == 1) return {block * 8 + lane < channels_ ? block * 8 + lane : -1, 0};
    return lane < channels_ * layer_.fold ? std::pair{lane % channels_, lane / channels_} : std::pair{int64_t{-1}, int64_t{0}};
  }

  void convolution(int64_t block, const WeightChunk &chunk) {
    int8_t *parameters = newWord();
    for (int64_t lane = 0; lane < 8; ++lane) {
      const int64_t channel = meaning(block, lane).first;
      if (channel < 0) continue;
      // The parts before the last keep the parameters too, where nothing reads them.
      put(parameters, lane, {op_.getBias()[size_t(channel)], op_.getMultiplier()[size_t(channel)], uint32_t(op_.getShift()[size_t(channel)])});
    }
    for (int64_t input = chunk.inputs.begin; input < chunk.inputs.end; ++input)
      for (int64_t ky = chunk.kernelRows.begin; ky < chunk.kernelRows.end; ++ky)
        for (int64_t kx = chunk.kernelColumns.begin; kx < chunk.kernelColumns.end; ++kx) tap(block, input, ky, kx);
  }

  void tap(int64_t block, int64_t input, int64_t ky, int64_t kx) {
    int8_t *word = newWord();
    for (int64_t lane = 0; lane < 8; ++lane) {
      const auto [channel, row] = meaning(block, lane);
      const int64_t kernelRow = ky - row * layer_.y.stride;
      if (channel < 0 || kernelRow < 0 || kernelRow >= layer_.y.kernel) continue;
      for (int64_t c = 0; c < 8; ++c) {
        int64_t in = input * 8 + c, column = kx, columns = layer_.x.kernel;
        if (layer_.foldColumns) {
          columns = layer_.source.kernel;
          column = in / inputs_;
          in %= inputs_;
        }
        if (in >= inputs_ || column >= columns) continue;
        const int64_t at = ((channel * inputs_ + in) * layer_.y.kernel + kernelRow) * columns + column;
        word[lane * 8 + c] = weights_[size_t(at)];
      }
    }
  }

  /// For each row of a fold a 1x1 convolution that moves its lanes to the front: (q - z1) * 2^k / 2^k + z1 is q exactly.
  void takeApart() {
    constexpr int one = isa::parameterMWidth - 2;  // m = 2^one is a normalized multiplier
    for (int64_t row = 0; row < layer_.fold; ++row) {
      int8_t *parameters = newWord();
      for (int64_t lane = 0; lane < channels_; ++lane) put(parameters, lane, {-layer_.epilogue.z1, 1 << one, uint32_t(one)});
      int8_t *word = newWord();
      for (int64_t lane = 0; lane < channels_; ++lane) word[lane * 8 + row * channels_ + lane] = 1;
    }
  }

  const Layer &layer_;
  qnn::FusedConvOp op_;
  const std::vector<int8_t> weights_;
  const int64_t channels_, inputs_;
  std::vector<int8_t> bytes_;
};

}  // namespace

std::vector<int8_t> packWeights(const Layer &layer, qnn::FusedConvOp op, const std::vector<WeightChunk> &chunks) {
  return Packer(layer, op).run(chunks);
}

}  // namespace agc::schedule
